"""From the figures of all rounds to what is said of a contestant: medians, and ratios with their spread."""

import statistics


def good(runs):
    """Returns the runs that came to their end."""
    return [run for run in runs if "failed" not in run]


def spread(values):
    """Returns the median, the smallest and the largest, or `None` of none."""
    values = [value for value in values if value is not None]
    return (statistics.median(values), min(values), max(values)) if values else None


def figure(case, name, key):
    """Returns the spread of one figure of a contestant."""
    return spread([run.get(key) for run in good(case["runs"].get(name, ()))])


def above_idle_mb(case, name):
    """Returns the spread of what a contestant takes in memory beyond the idle program."""
    return spread([run["peak_mb"] - run["idle_mb"] for run in good(case["runs"].get(name, ()))])


def ratio(case, name, other):
    """Returns the spread of how many times as fast as the other a contestant is, each round with its own."""
    pairs = zip(case["runs"].get(name, ()), case["runs"].get(other, ()), strict=False)
    return spread([own["samples_s"] / its["samples_s"] for own, its in pairs if len(good([own, its])) == 2])


def floor_of(case, contestant):
    """Returns the name of the floor of a contestant: that of its backend, or the only one."""
    return _of_backend([each for each in case["contestants"] if each["floor"]], contestant)


def ours_for(case, contestant):
    """Returns the name of the Amalthea that a contestant is compared with."""
    ours = [each for each in case["contestants"] if is_ours(each["name"])]
    if contestant["against"] in (each["name"] for each in ours):
        return contestant["against"]
    return _of_backend(ours, contestant)


def is_ours(name):
    return name.startswith("Amalthea")


def _of_backend(candidates, contestant):
    same = [each for each in candidates if each["backend"] == contestant["backend"]]
    return next((each["name"] for each in [*same, *candidates]), None)
