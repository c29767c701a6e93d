"""The command line: `python -m amalthea preview DIR --out sheet.png`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import numpy as np

from amalthea._checks import check_int, checked_seed
from amalthea.errors import AmaltheaError
from amalthea.loaders.listing import Listing, of_folder
from amalthea.rows import Rows
from amalthea.sheet import draw_sheet
from amalthea.sources.files import subfolders
from amalthea.sources.images import ImageFiles


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        preview_folder(options)
    except (AmaltheaError, OSError, ValueError) as error:
        print(f"amalthea: {error}", file=sys.stderr)
        return 1
    return 0


def preview_folder(options: argparse.Namespace) -> None:
    """Draws some images of a folder, drawn by the seed, with their labels. Needs no Keras."""
    listing = _listing(options.directory, options.labels)
    check_int("--count", options.count, minimum=1)
    chosen = np.random.default_rng(checked_seed(options.seed)).permutation(len(listing.paths))[: options.count]
    part = listing.part(chosen)
    source = ImageFiles(part.paths, options.image_size, pad_to_aspect_ratio=True, dtype="uint8")
    names = part.class_names
    texts = None if part.labels is None or names is None else [names[label] for label in part.labels]
    rows = Rows(source, seed=0)  # whose errors name the file
    images = np.stack([rows.sample(epoch=0, index=index) for index in range(len(source))])
    draw_sheet(images, texts).save(options.out)
    print(f"{listing} {len(part.paths)} of them are drawn in {options.out}.")


def _listing(directory: str, labels: str | None) -> Listing:
    if labels is None and subfolders(directory):
        labels = "inferred"
    return of_folder(directory, labels, None, raw=False, follow_links=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m amalthea", description=__doc__)
    commands = parser.add_subparsers(required=True)
    preview = commands.add_parser("preview", help="draw a contact sheet of the images in a folder")
    preview.add_argument(
        "directory", type=os.fspath, help="a folder of images, a subfolder for each class if it has any"
    )
    preview.add_argument("--out", default="sheet.png", help="the file to write (default: %(default)s)")
    preview.add_argument("--labels", help="regular expression for the label in the file name")
    preview.add_argument(
        "--image-size", type=int, default=112, help="height and width in pixels (default: %(default)s)"
    )
    preview.add_argument("--count", type=int, default=32, help="how many images (default: %(default)s)")
    preview.add_argument("--seed", type=int, default=0, help="draws which ones (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
