"""Measurements of Amalthea beside what people would use instead: `nox -s bench`, or `python -m benchmarks`."""
