"""The command line: `python -m amalthea preview|inspect|bench DIR` and `python -m amalthea migrate PATH`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from amalthea.errors import AmaltheaError

FAILED, BROKEN, INTERRUPTED = 1, 3, 130  # 2 is what argparse ends with
TO_MIGRATE = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")  # with the usage of the command
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name of a file may have letters that it cannot show
    try:
        status: int = options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left as it ends
        return FAILED
    except KeyboardInterrupt:
        print("amalthea: interrupted", file=sys.stderr)
        return INTERRUPTED
    except (AmaltheaError, OSError, ValueError) as error:
        print(f"amalthea: {_in_options(str(error), options)}", file=sys.stderr)
        return FAILED
    return status


def _in_options(error: str, options: argparse.Namespace) -> str:
    """Returns an error that names an option as it is typed here, and not as the argument that it is in Python."""
    for name in vars(options).keys() - {"directory", "paths"}:
        error = error.replace(f"`{name}`", f"`--{name.replace('_', '-')}`")
    return error


# Each command imports what it needs: a line of help comes at once.


def _preview(options: argparse.Namespace) -> int:
    from amalthea.report.sheets import preview_folder

    text = preview_folder(
        options.directory,
        options.out,
        labels=options.labels,
        image_size=options.image_size,
        count=options.count,
        seed=options.seed,
    )
    print(text)
    return 0


def _inspect(options: argparse.Namespace) -> int:
    from amalthea.report.chart import check_chart, draw_chart
    from amalthea.report.survey import survey
    from amalthea.report.targets import check_target
    from amalthea.report.text import as_text

    if options.out is not None:
        check_chart(options.out, options.directory)
    if options.report is not None:
        check_target("--report", options.report, options.directory)
    found = survey(options.directory, options.labels, workers=options.workers, quick=options.quick)
    print(as_text(found, options.report))
    written = []
    if options.out is not None:
        draw_chart(found, options.out)
        written.append(f"The distributions are drawn in {options.out}.")
    if options.report is not None:
        found.save_broken(options.report)
        written.append(f"The broken files are listed in {options.report}.")
    if written:
        print("", *written, sep="\n")
    return BROKEN if options.check and found.broken else 0


def _bench(options: argparse.Namespace) -> int:
    from amalthea.speed.bench import bench
    from amalthea.speed.text import as_text

    result = bench(
        options.directory,
        image_size=options.image_size,
        count=options.count,
        batch_size=options.batch_size,
        seconds=options.seconds,
        workers=options.workers,
        seed=options.seed,
    )
    print(as_text(result))
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from amalthea.migrate.program import migrate

    diff = options.diff or not (options.write or options.check)
    totals = migrate(options.paths, apply=options.write, diff=diff, workers=options.workers)
    if totals.unwritten:
        return FAILED
    return TO_MIGRATE if options.check and totals.changed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m amalthea", description=__doc__)
    commands = parser.add_subparsers(required=True)
    _add_preview(commands.add_parser("preview", help="draw a contact sheet of the images in a folder"))
    _add_inspect(commands.add_parser("inspect", help="tell what is in a folder of images, and what is broken"))
    _add_bench(commands.add_parser("bench", help="measure how fast a folder of images is loaded on this machine"))
    _add_migrate(commands.add_parser("migrate", help="rewrite programs for the Keras of old for Keras 3 and Amalthea"))
    return parser


def _add_preview(preview: argparse.ArgumentParser) -> None:
    preview.set_defaults(command=_preview, parser=preview)
    _add_folder(preview)
    preview.add_argument("--out", metavar="FILE", default="sheet.png", help="where to draw it (default: %(default)s)")
    preview.add_argument("--labels", metavar="REGEX", help="regular expression for the label in the file name")
    preview.add_argument(
        "--image-size", type=int, metavar="N", default=112, help="height and width in pixels (default: %(default)s)"
    )
    preview.add_argument("--count", type=int, metavar="N", default=32, help="how many images (default: %(default)s)")
    preview.add_argument("--seed", type=int, metavar="N", default=0, help="draws which ones (default: %(default)s)")


def _add_inspect(inspect: argparse.ArgumentParser) -> None:
    inspect.set_defaults(command=_inspect, parser=inspect)
    _add_folder(inspect)
    inspect.add_argument("--labels", metavar="REGEX", help="regular expression for the label in the file name")
    inspect.add_argument("--out", metavar="FILE", help="draw the distributions into this file, as .png, .svg or .pdf")
    inspect.add_argument(
        "--report", metavar="FILE", help="write the broken files into this file, for `quarantine=` of a loader"
    )
    inspect.add_argument(
        "--quick", action="store_true", help="read headers only: broken pixels and copies are not seen"
    )
    inspect.add_argument("--check", action="store_true", help=f"end with status {BROKEN} if files are broken")
    inspect.add_argument("--workers", type=int, metavar="N", help="number of threads (default: one for each core)")


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.set_defaults(command=_bench, parser=bench)
    _add_folder(bench)
    bench.add_argument(
        "--image-size", type=int, metavar="N", default=224, help="height and width in pixels (default: %(default)s)"
    )
    bench.add_argument(
        "--batch-size", type=int, metavar="N", default=32, help="images of a batch (default: %(default)s)"
    )
    bench.add_argument(
        "--count", type=int, metavar="N", default=512, help="how many images to measure with (default: %(default)s)"
    )
    bench.add_argument(
        "--seconds", type=float, metavar="N", default=30, help="about how long it may take (default: %(default)s)"
    )
    bench.add_argument("--workers", type=int, metavar="N", help="most workers to try (default: one for each core)")
    bench.add_argument("--seed", type=int, metavar="N", default=0, help="draws which images (default: %(default)s)")


def _add_migrate(migrate: argparse.ArgumentParser) -> None:
    migrate.set_defaults(command=_migrate, parser=migrate)
    migrate.add_argument(
        "paths", metavar="PATH", nargs="+", type=os.fspath, help="a program, a notebook, or a folder of them"
    )
    ways = migrate.add_mutually_exclusive_group()
    ways.add_argument("--write", action="store_true", help="write the files; without it nothing is written")
    ways.add_argument(
        "--check", action="store_true", help=f"end with status {TO_MIGRATE} if a file would change; write nothing"
    )
    migrate.add_argument(
        "--diff", action="store_true", help="print the lines that change (default without --write and --check)"
    )
    migrate.add_argument("--workers", type=int, metavar="N", help="number of processes (default: one for each core)")


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "directory", metavar="DIR", type=os.fspath, help="a folder of images, a subfolder for each class if it has any"
    )


if __name__ == "__main__":
    sys.exit(main())
