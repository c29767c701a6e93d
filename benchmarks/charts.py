"""The charts: a bar for each contestant, for its speed and beside it for its memory, with the floor as a line."""

import textwrap

from benchmarks.summary import above_idle_mb, figure, floor_of, is_ours

OURS, PEER, INK, FLOOR = "#e07a1f", "#8fa3b5", "#22303c", "#b3202c"
BAR_INCH, HEAD_INCH, WIDTH_INCH = 0.3, 0.95, 11
FAR = 4  # times the longest bar


def draw(cases, path):
    """Draws a row of two panels for each case, into a PNG; returns the figure."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    heights = [HEAD_INCH + BAR_INCH * max(1, len(_bars(case))) for case in cases]
    with pyplot.rc_context({"font.size": 9, "text.color": INK, "axes.labelcolor": INK, "font.family": "DejaVu Sans"}):
        sheet = pyplot.figure(figsize=(WIDTH_INCH, sum(heights)), layout="constrained")
        panels = sheet.subplots(len(cases), 2, width_ratios=(3, 1.3), height_ratios=heights, squeeze=False)
        for case, (speed, memory) in zip(cases, panels, strict=True):
            _speed(speed, case)
            _memory(memory, case)
        sheet.savefig(path, dpi=110, facecolor="white")
        pyplot.close(sheet)
    return sheet


def _bars(case):
    return [each for each in case["contestants"] if not each["floor"] and figure(case, each["name"], "samples_s")]


def _speed(panel, case):
    spreads = [figure(case, each["name"], "samples_s") for each in _bars(case)]
    _draw(panel, _bars(case), spreads, "{:,.0f}")
    panel.set_yticklabels([textwrap.shorten(each["name"], 52, placeholder=" ...") for each in _bars(case)])
    for label, each in zip(panel.get_yticklabels(), _bars(case), strict=True):
        label.set_fontweight("bold" if is_ours(each["name"]) else "normal")
    panel.set_title(f"{case['title']}: {case['unit']}/s", loc="left", fontweight="bold", fontsize=10.5)
    _floors(panel, case)


def _memory(panel, case):
    _draw(panel, _bars(case), [above_idle_mb(case, each["name"]) for each in _bars(case)], "{:z,.0f}")
    panel.set_yticklabels([])
    panel.set_title("MB above the idle program", loc="left", fontsize=9)


def _draw(panel, bars, spreads, form):
    if not bars:
        panel.text(0.02, 0.5, "no figures", transform=panel.transAxes, va="center", fontsize=8.5)
    places = range(len(bars))
    medians = [max(0, median) for median, _, _ in spreads]
    panel.barh(places, medians, color=[OURS if is_ours(each["name"]) else PEER for each in bars], height=0.72, zorder=2)
    most = max([largest for _, _, largest in spreads] + [1e-9])
    for place, (median, least, largest) in zip(places, spreads, strict=True):
        panel.plot([max(0, least), max(0, largest)], [place, place], color=INK, linewidth=1, alpha=0.7, zorder=3)
        number = panel.text(max(0, largest) + most * 0.015, place, form.format(median), va="center", fontsize=8.5)
        number.set(zorder=5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85})
    panel.set_xlim(0, most * 1.17)
    panel.set_ylim(len(bars) - 0.4, -0.6)
    panel.set_yticks(list(places))
    panel.tick_params(length=0, colors=INK)
    panel.set_xticks([])
    panel.axvline(0, color=INK, linewidth=0.8, zorder=4, visible=bool(bars))
    panel.spines[:].set_visible(False)


def _floors(panel, case):
    """A line across the bars of each floor; one that is far beyond all bars is only told, so that they differ still."""
    bars = _bars(case)
    floors = [figure(case, floor_of(case, each), "samples_s") for each in bars]
    most = max((figure(case, each["name"], "samples_s")[2] for each in bars), default=1)
    places = [(place, floor[0]) for place, floor in enumerate(floors) if floor]
    near = [(place, floor) for place, floor in places if floor <= FAR * most]
    for place, floor in near:
        panel.plot(
            [floor, floor], [place - 0.5, place + 0.5], color=FLOOR, linewidth=1.4, linestyle=(0, (3, 2)), zorder=4
        )
    end = max((floor for _, floor in near), default=0)
    panel.set_xlim(0, max(panel.get_xlim()[1], end * 1.17))
    if places:
        different = {floor for _, floor in places}
        text = f"floor {places[0][1]:,.0f}" if len(different) == 1 else "floor of the backend"
        where = (end or panel.get_xlim()[1], len(bars) - 0.42)
        panel.text(*where, text + ("" if near else " →"), color=FLOOR, fontsize=8, ha="right", va="top")
