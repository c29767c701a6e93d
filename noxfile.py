"""The checks of Amalthea: `nox` runs the tests under each backend, the linters and the type checker."""

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["lint", "types", "tests"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
BACKENDS = ("jax", "torch", "tensorflow")

# What is tested. Users may install other versions: pyproject.toml says which.
PINS = {"jax": ["jax==0.10.2"], "torch": ["torch==2.13.0"], "tensorflow": ["tensorflow==2.21.0"]}

# A PyTorch as old as pyproject.toml allows exists as a build of several gigabytes only.
OLDEST = ("jax", "tensorflow")


def install(session, backend, *more):
    """Installs Amalthea and one backend, and makes sure that there is no other."""
    session.install(*PINS[backend], "-e", f".[{backend}]", *more)
    others = [name for name in BACKENDS if name != backend]
    find = f"[name for name in {others} if importlib.util.find_spec(name)]"
    session.run("python", "-c", f"import importlib.util; found = {find}; assert not found, found", silent=True)
    session.env.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")


@nox.session
@nox.parametrize("backend", BACKENDS)
def tests(session, backend):
    """Run the tests and the examples in an environment that holds this backend only."""
    install(session, backend, *nox.project.dependency_groups(PYPROJECT, "test"))
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
@nox.parametrize("backend", OLDEST)
def minimums(session, backend):
    """Run the tests with the lowest versions that pyproject.toml allows."""
    project = PYPROJECT["project"]
    lowest = [each.replace(">=", "==") for each in project["dependencies"] + project["optional-dependencies"][backend]]
    session.install("-e", ".", *lowest, *nox.project.dependency_groups(PYPROJECT, "test"))
    session.env.update(KERAS_BACKEND=backend, TF_CPP_MIN_LOG_LEVEL="3")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def lint(session):
    """Check style and formatting."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session):
    """Check the types, strictly."""
    session.install("-e", ".", *nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("mypy")


@nox.session
def demo(session):
    """Run the main job: `nox -s demo`, or `nox -s demo -- torch` for another backend."""
    backend, *options = session.posargs or ["jax"]
    if backend not in BACKENDS:
        session.error(f"the backend is {backend!r}; it must be one of {', '.join(BACKENDS)}")
    install(session, backend, "scikit-learn")
    session.run("python", "examples/train_images.py", *options)


@nox.session
def bench(session):
    """Measure, with all backends and peers in one environment: `nox -s bench -- jpegs`; see benchmarks/README.md."""
    pins = [pin for pins in PINS.values() for pin in pins]
    session.install(*pins, "-e", ".", *nox.project.dependency_groups(PYPROJECT, "bench"))
    session.run("python", "-m", "benchmarks", *session.posargs)
