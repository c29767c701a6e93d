"""What `tf.keras` is needed for is collected where TensorFlow is installed; programs are migrated and run once."""

import importlib.util

import pytest

import legacy

collect_ignore_glob = [] if importlib.util.find_spec("tensorflow") else ["test_tensorflow_*.py"]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """The texts of the legacy training scripts, after the command; nobody has touched them since."""
    folder = tmp_path_factory.mktemp("migrated")
    for name in legacy.NAMES:
        (folder / f"{name}.py").write_text(legacy.written(name), encoding="utf-8")
    legacy.migrate(folder)
    return {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in legacy.NAMES}


@pytest.fixture(scope="session")
def after(migrated, tmp_path_factory):
    """What the migrated programs saved, run on the backend of the tests: without a warning, which would be an error."""
    return {
        name: (legacy.run_apart if "use_multiprocessing" in text else legacy.run)(
            tmp_path_factory.mktemp("after"), text
        )
        for name, text in migrated.items()
    }
