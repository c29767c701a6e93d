"""Many paths: as words, and as files in folders."""

import os
from pathlib import Path

CLASSES = 100


def names(count):
    """Gives paths, one by one."""
    return (f"data/images/class{number % 1000:04d}/{number:010d}.jpg" for number in range(count))


def files(folder, *, count, size=2, batch=32):
    """Makes folders of small pictures: one for each class, and many names for it."""
    from PIL import Image

    root = Path(folder) / f"tree-{count}"
    for number in range(count):
        path = root / f"class{number % CLASSES:03d}" / f"{number:08d}.png"
        if number < CLASSES:
            path.parent.mkdir(parents=True)
            Image.new("RGB", (size, size)).save(path)
        else:
            os.link(path.with_name(f"{number % CLASSES:08d}.png"), path)
    return {"folder": str(root), "count": count, "size": size, "batch": batch}
