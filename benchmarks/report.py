"""What was measured, as a page of Markdown with tables and charts."""

from benchmarks.charts import draw
from benchmarks.summary import above_idle_mb, figure, floor_of, is_ours, ours_for, ratio

HEAD = """\
# Benchmarks

Made by `nox -s bench`. What is measured, and how, is in [benchmarks/README.md](../benchmarks/README.md).

{machines}

The contestants run in turns, each run in a process of its own. Figures are medians over the rounds; in brackets are the
smallest and the largest. *Of the floor* and *Amalthea is* are medians of the ratios within each round, to Amalthea on
the same backend where there is one. Memory is that of all processes, proportional: *peak* is all of it, *above idle*
what the loading adds to a program that has its framework running. *First batch* is from before the loader is made;
*turn* is what the change of epochs costs beyond a batch.
"""


def write_report(results, folder):
    """Writes `benchmarks.md` and its charts; returns the page."""
    parts = [HEAD.format(machines=machines(results["cases"]))]
    for group, cases in groups(results["cases"]).items():
        picture = f"benchmarks-{group}.png"
        draw(cases, folder / picture)
        parts.append(f"![{', '.join(case['title'] for case in cases)}]({picture})\n")
        parts += [
            f"## {case['title']}\n\n{case['what']}{_rounds(case)}\n\n{table(case)}{_left_out(case)}" for case in cases
        ]
    page = "\n".join(parts)
    (folder / "benchmarks.md").write_text(page, encoding="utf-8")
    return page


def machines(cases):
    """Returns what the cases were measured on, once for all that were measured on the same."""
    found = {}
    for case in cases:
        found.setdefault(_machine(case["machine"]), []).append(f"`{case['name']}`")
    return "\n".join(f"- {', '.join(names)}: {text}" if len(found) > 1 else text for text, names in found.items())


def groups(cases):
    """Returns the cases by what stands before the first dash of their names."""
    found = {}
    for case in cases:
        found.setdefault(case["name"].partition("-")[0], []).append(case)
    return found


def table(case):
    """Returns the table of a case, without the columns that say nothing."""
    lines = [line(case, contestant) for contestant in case["contestants"]]
    heads = [head for head in lines[0] if any(each[head] for each in lines)] if lines else []
    rows = [heads, ["---"] * len(heads), *([each[head] for head in heads] for each in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def line(case, contestant):
    """Returns what is said of a contestant, by the head of its column."""
    name, floor, ours = contestant["name"], floor_of(case, contestant), ours_for(case, contestant)
    alone = contestant["floor"] and contestant["backend"] is None
    failed = [run["failed"] for run in case["runs"][name] if "failed" in run]
    return {
        case["title"]: name,
        f"{case['unit']}/s": _with_spread(figure(case, name, "samples_s"), "{:,.0f}"),
        "of the floor": "" if contestant["floor"] or not floor else _with_spread(ratio(case, name, floor), "{:.2f}"),
        "Amalthea is": "" if is_ours(name) or alone else _with_spread(ratio(case, ours, name), "{:.1f}", "{} times"),
        "CPU s for 1,000": _median(figure(case, name, "cpu_s_per_1000"), "{:.3g}"),
        "peak MB": _median(figure(case, name, "peak_mb"), "{:,.0f}"),
        "above idle MB": _with_spread(above_idle_mb(case, name), "{:z,.0f}"),
        "first batch s": "" if alone else _median(figure(case, name, "first_s"), "{:.3f}"),
        "turn ms": "" if contestant["floor"] else _median(figure(case, name, "turn_s"), "{:.1f}", 1000),
        "dB": _median(figure(case, name, "dB"), "{:.1f}"),
        "private MB of a worker": _median(figure(case, name, "worker_private_mb"), "{:.0f}"),
        "note": "; ".join(filter(None, [contestant["note"], *failed[:1]])),
    }


def _machine(machine):
    versions = ", ".join(f"{name} {version}" for name, version in sorted(machine["versions"].items()))
    return f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}; {versions}."


def _with_spread(values, form, around="{}"):
    if values is None:
        return ""
    median, least, most = map(form.format, values)
    shown = around.format(median)
    return shown if least == most else f"{shown} ({least} - {most})"


def _median(values, form, times=1):
    return "" if values is None else form.format(values[0] * times)


def _left_out(case):
    missing = [f"{name} (needs {', '.join(needs)})" for name, needs in case["left_out"].items()]
    return f"\nLeft out here: {'; '.join(missing)}.\n" if missing else ""


def _rounds(case):
    rounds = max(map(len, case["runs"].values()), default=0)
    return f" {case['count']:,} {case['unit']}, {rounds} {'round' if rounds == 1 else 'rounds'}."
