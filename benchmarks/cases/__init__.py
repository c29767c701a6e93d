"""All that is measured, by name."""

from benchmarks.cases import arrays, cached, images, indices, stores, texts, training

ALL = {
    case.name: case for module in (images, stores, cached, arrays, texts, training, indices) for case in module.CASES
}


def named(words):
    """Returns the cases of these names, or of names that begin with them; no word is all of them."""
    unknown = [word for word in words if not any(_fits(name, word) for name in ALL)]
    if unknown:
        raise SystemExit(f"There is no case {unknown[0]!r}; there are {', '.join(ALL)}.")
    return [case for name, case in ALL.items() if not words or any(_fits(name, word) for word in words)]


def _fits(name, word):
    return name == word or name.startswith(f"{word}-")
