"""Measurements of Amalthea: `nox -s bench`, or `KERAS_BACKEND=jax python -m benchmarks`."""
