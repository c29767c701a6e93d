"""Files behind URLs: read as those on a disk are, again where that helps, and several at a time."""

import asyncio
import concurrent.futures
import errno
import gc
import itertools
import os
import random
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import fsspec
import numpy as np
import pytest
from PIL import Image

import amalthea
import commands
import faulty_systems
import pictures
import sounds
from amalthea import sources
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources import _remote, _remote_systems, configure_remote
from amalthea.sources import texts as texts_module
from amalthea.sources._remote_ahead import sizes
from amalthea.sources._remote_retries import persevere
from amalthea.sources._remote_settings import handed_on
from amalthea.speed.bench import bench
from faulty_systems import Faulty, Waiting

OPTIONS = {"image_size": 16, "batch_size": 4, "seed": 3}
LISTED = {**OPTIONS, "verbose": False}
WORKERS = [{"workers": 0}, {"workers": 2}, {"workers": 2, "use_multiprocessing": True}]


class ClientPayloadError(Exception):
    """As aiohttp has it, for a body that is shorter than was said."""


class AnswerError(Exception):
    """An answer of HTTP, as several libraries have it."""

    def __init__(self, status):
        super().__init__(f"the server said {status}")
        self.status = status


class BotocoreError(Exception):
    """An answer of HTTP, as botocore has it."""

    def __init__(self, status):
        super().__init__(f"the store said {status}")
        self.response = {"ResponseMetadata": {"HTTPStatusCode": status}}


@pytest.fixture(autouse=True)
def plain_settings():
    configure_remote()
    sizes.__init__()  # of what other tests have read
    Faulty.faults.clear()
    Faulty.asked.clear()
    yield
    configure_remote()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photographs of noise in classes whose names sort otherwise than their paths."""
    root = tmp_path_factory.mktemp("files") / "train"
    for number in range(24):
        path = root / ("a", "a-b", "b")[number % 3] / ("" if number % 2 else "deep") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.noise_picture(20, 24, seed=number).save(path)
    return root


@pytest.fixture(scope="module")
def urls(folder, tmp_path_factory):
    """The same folder in other places."""
    place = tmp_path_factory.mktemp("archives")
    memory = fsspec.filesystem("memory")
    with zipfile.ZipFile(place / "all.zip", "w") as zipped, tarfile.open(place / "all.tar", "w") as tar:
        for path in folder.rglob("*.png"):
            name = str(path.relative_to(folder.parent))
            memory.pipe_file(f"/{place.name}/{name}", path.read_bytes())
            zipped.write(path, name)
            tar.add(path, name)
    return {
        "memory": f"memory://{place.name}/train",
        "zip": f"zip://train::{place}/all.zip",
        "tar": f"tar://train::{place}/all.tar",
        "file": f"file://{folder}",
        "faulty": f"faulty://{folder}",
        "waiting": f"waiting://{folder}",
    }


def batches_of(loader):
    with loader:
        return [array.copy() for batch in loader for array in batch]


def assert_same(batches, expected):
    assert len(batches) == len(expected)
    for batch, right in zip(batches, expected, strict=True):
        np.testing.assert_array_equal(batch, right)


@pytest.mark.parametrize(
    ("place", "workers"),
    [
        *itertools.product(["memory", "zip", "tar", "file", "faulty", "waiting"], WORKERS[:2]),
        *itertools.product(["zip", "tar", "faulty"], WORKERS[2:]),  # of memory another process has its own
    ],
    ids=str,
)
def test_a_folder_gives_the_same_batches_wherever_it_is(folder, urls, place, workers):
    options = {**LISTED, "augment": faulty_systems.unchanged}
    local = amalthea.ImageLoader.from_directory(folder, **options, workers=0)
    loader = amalthea.ImageLoader.from_directory(urls[place], **options, **workers)
    assert (list(loader.filenames), loader.class_names) == (list(local.filenames), local.class_names)
    assert loader.labels.tolist() == local.labels.tolist()
    assert_same(batches_of(loader), batches_of(local))


@pytest.mark.parametrize("place", ["memory", "zip"])
def test_parts_labels_and_tables_work_with_urls(folder, urls, place):
    both = {"validation_split": 0.25, "subset": "both", **LISTED}
    loaders = (amalthea.ImageLoader.from_directory(where, **both) for where in (folder, urls[place]))
    for local, remote in zip(*loaders, strict=True):
        assert list(remote.filenames) == list(local.filenames)
    loader = amalthea.ImageLoader.from_directory(urls[place], r"(\d)\.png$", **LISTED)
    names = [name.removesuffix(".png")[-1] for name in loader.filenames]
    assert [loader.class_names[number] for number in loader.labels] == names
    table = {"file": ["b/deep/2.png", "a/3.png"], "label": ["x", "y"]}
    loader = amalthea.ImageLoader.from_dataframe(table, urls[place], x_col="file", y_col="label", **LISTED)
    assert sorted(loader.filenames) == ["a/3.png", "b/deep/2.png"]
    assert sorted(batches_of(loader)[1].tolist()) == [0, 1]


def test_masks_belong_to_images_by_the_names_inside_of_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as zipped:
        for number in range(3):
            path = pictures.write(tmp_path / "images" / f"{number}.png", 50 * number)
            zipped.write(path, f"images/{number}.png")
            zipped.write(path, f"masks/{number}.png")
    images = sources.files(f"zip://images::{tmp_path}/all.zip", ".png")
    masks = sources.Masks(f"zip://masks::{tmp_path}/all.zip")
    assert list(masks.beside(images)) == [f"zip://masks/{number}.png::{tmp_path}/all.zip" for number in range(3)]


def test_texts_and_sounds_behind_urls_are_those_of_local_files(tmp_path):
    memory, texts, waves = fsspec.filesystem("memory"), [], []
    for number in range(3):
        texts.append(tmp_path / f"{number}.txt")
        texts[-1].write_bytes(b"\xef\xbb\xbfeins zwei\r\ndrei " + b"vier " * number)
        waves.append(tmp_path / f"{number}.wav")
        sounds.write(waves[-1], sounds.pcm(50 + 10 * number), 8000)
    for path in (*texts, *waves):
        memory.pipe_file(f"{tmp_path}/{path.name}", path.read_bytes())

    def both(kind, paths, *args, **options):
        return kind(paths, *args, **options), kind([f"memory:/{path}" for path in paths], *args, **options)

    for local, remote in (
        both(sources.Contents, texts),
        both(sources.CharacterCodes.of_files, texts, 10),
        both(sources.AudioFiles, waves),
    ):
        for index in range(3):
            np.testing.assert_array_equal(local[index], remote[index])
        assert [*map(str, map(remote.name, range(3)))] == [f"memory:/{path}" for path in map(local.name, range(3))]


PASSING = [
    TimeoutError(),
    ConnectionResetError("cut"),
    BrokenPipeError(),
    EOFError(),
    OSError(errno.EBUSY, "SlowDown"),
    ClientPayloadError("short"),
    *map(AnswerError, (408, 429, 500, 502, 503, 504)),
    *map(BotocoreError, (429, 500, 503)),
]
FINAL = [
    FileNotFoundError("gone"),
    PermissionError("not yours"),
    *map(AnswerError, (400, 401, 403, 404, 416)),
    *map(BotocoreError, (403, 404)),
    ValueError("a bug"),
    KeyError("another"),
]


@pytest.mark.parametrize("fault", PASSING, ids=repr)
@pytest.mark.parametrize("system", [Faulty, Waiting])
def test_what_may_pass_is_tried_again(tmp_path, system, fault):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    system.faults[str(path)].extend([fault, fault])
    assert _remote.content(f"{system.protocol}://{path}") == b"content"
    assert not system.faults[str(path)]


@pytest.mark.parametrize("fault", FINAL, ids=repr)
def test_what_will_not_pass_is_an_error_at_once(tmp_path, fault):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    Faulty.faults[str(path)].append(fault)
    with pytest.raises(OSError, match=str(fault).strip("'")):
        _remote.content(f"faulty://{path}")
    assert Faulty.asked[str(path)] == 1
    assert _remote.content(f"faulty://{path}") == b"content"


def test_the_cause_of_an_error_says_whether_it_may_pass(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    fault = OSError("translated")
    fault.__cause__ = BotocoreError(503)
    Faulty.faults[str(path)].append(fault)
    assert _remote.content(f"faulty://{path}") == b"content"


@pytest.mark.parametrize("system", [Faulty, Waiting])
def test_a_connection_that_stalls_is_given_up_and_another_one_made(tmp_path, system):
    configure_remote(timeout_s=0.2)
    path = tmp_path / "file"
    path.write_bytes(b"content")
    stalled = threading.Event()
    system.faults[str(path)].append(stalled)
    try:
        assert _remote.content(f"{system.protocol}://{path}") == b"content"
    finally:
        stalled.set()


def test_after_the_deadline_the_error_says_how_often_it_was_tried():
    tried = []

    async def attempt():
        tried.append("once")
        raise AnswerError(503)

    with pytest.raises(OSError, match="AnswerError: the server said 503; given up") as raised:
        asyncio.run(persevere(attempt, timeout_s=None, deadline_s=0.5))
    assert f"after {len(tried)} attempts in " in str(raised.value)
    assert len(tried) < 100


def test_attempts_leave_the_random_numbers_of_others_alone(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    Faulty.faults[str(path)].extend([AnswerError(503)] * 2)
    before = random.getstate(), np.random.get_state()[1].tolist()
    _remote.content(f"faulty://{path}")
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


@pytest.mark.parametrize("workers", WORKERS, ids=str)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(folder, workers):
    paths = [f"faulty://{folder}/a/3.png", f"faulty://{folder}/a/none.png"]
    options = {**OPTIONS, "augment": faulty_systems.unchanged, "shuffle": False}
    loader = amalthea.ImageLoader(paths, [0, 1], **options, **workers)
    with loader, pytest.raises(SampleError, match="FileNotFoundError") as raised:
        loader[0]
    assert (raised.value.index, raised.value.path, raised.value.stage) == (1, paths[1], "source")
    with amalthea.ImageLoader(paths, [0, 1], on_error="skip", **options, **workers) as loader:
        with pytest.warns(UserWarning, match=r"none\.png"):
            _, y = loader[0]
        assert y.tolist() == [0, 0]
        assert loader.errors[0].path == paths[1]


def test_a_file_that_is_broken_for_a_while_is_read_by_the_next_epoch(folder):
    path = f"{folder}/a/3.png"
    with amalthea.ImageLoader([f"faulty://{path}"], [0], **OPTIONS, workers=1) as loader:
        Faulty.faults[path].extend([PermissionError("not now")] * 10)
        with pytest.raises(SampleError, match="not now"):
            loader[0]
        Faulty.faults.clear()
        assert len(batches_of(loader)) == 2


@pytest.mark.parametrize("stamps", [False, True])
def test_nobody_is_given_what_was_begun_for_another(tmp_path, stamps):
    """It may be a failure that is mended since, or a content that was changed."""
    path = tmp_path / "file"
    url, ask = f"faulty://{path}", _remote.stamp if stamps else _remote.content
    _remote.begin([url], "a", stamps=stamps)
    kind = _remote._ask_stamp if stamps else _remote._read
    ahead = _remote._stamps if stamps else _remote._contents
    assert isinstance(ahead.known(_remote._Question(kind, url, "a")).exception(60), FileNotFoundError)
    path.write_bytes(b"new")
    now = ask(url)
    assert ask(url, "b") == now
    with pytest.raises(FileNotFoundError):
        ask(url, "a")
    assert ask(url, "a") == now


@pytest.mark.parametrize("workers", WORKERS[1:], ids=str)
def test_a_batch_that_was_given_up_leaves_nothing_to_the_next_loader(tmp_path, workers):
    """Neither in the program nor in a worker process, which both loaders share."""
    names = [f"a/{number:02}.png" for number in range(40)]

    def whole(colour, *, workers):
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.fromarray(np.full((8, 8, 3), colour, np.uint8)).save(tmp_path / name)
        paths = [f"faulty://{tmp_path}/{name}" for name in names]
        return amalthea.ImageLoader(paths, image_size=8, batch_size=8, shuffle=False, **workers)

    keeper = amalthea.Loader(np.zeros(4), batch_size=2, **workers)  # as long as it lives, so do the processes
    keeper[0]
    loader = whole(10, workers=workers)
    (tmp_path / names[20]).unlink()
    with pytest.raises(SampleError, match="FileNotFoundError"):
        list(loader)
    with whole(200, workers=workers) as other:
        assert [np.unique(batch).tolist() for batch in other] == [[200]] * 5
    loader.close()
    keeper.close()


@pytest.mark.parametrize(
    "texts",
    [
        lambda paths: iter(sources.Contents(paths)),
        lambda paths: iter(texts_module._Readable(sources.Contents(paths), {})),
    ],
    ids=["files", "any source"],
)
def test_a_reading_in_turn_that_is_left_gives_nothing_to_the_next(tmp_path, texts):
    paths = [f"faulty://{tmp_path}/{number:03}.txt" for number in range(200)]

    def write(word):
        for path in paths:  # each is the old one or the new as a whole, whenever it is read
            (tmp_path / "word").write_text(word)
            (tmp_path / "word").replace(path.removeprefix("faulty://"))

    write("old")
    left = texts(paths)
    assert next(left) == "old"
    write("new")
    assert sources.Contents(paths)[1] == "new"
    assert set(texts(paths)) == {"new"}
    assert next(left) in ("old", "new")
    left.close()


def test_stamps_weigh_nothing_and_many_are_asked_for_at_once(tmp_path):
    paths = [tmp_path / f"{number}.txt" for number in range(100)]
    for path in paths:
        path.write_text("text")
    never = threading.Event()
    for path in paths:
        Faulty.faults["info", str(path)].append(never)
    _remote.begin([f"faulty://{path}" for path in paths], "a", stamps=True)
    try:
        with Faulty.changed:
            assert Faulty.changed.wait_for(lambda: sum(Faulty.asked["info", str(path)] for path in paths) == 100, 60)
    finally:
        never.set()
    assert len({_remote.stamp(f"faulty://{path}", "a") for path in paths}) > 1
    _remote.forget("a")


def test_a_stamp_that_cannot_be_had_is_told_once(tmp_path, caplog):
    """Nothing is written of an error that is raised."""
    url = f"faulty://{tmp_path}/none"
    _remote.begin([url], "a", stamps=True)
    _remote.begin([url], "a")
    for ask in (_remote.stamp, _remote.content):
        with pytest.raises(FileNotFoundError):
            ask(url, "a")
    gc.collect()
    _remote.started(asyncio.sleep(0)).result(60)
    gc.collect()
    assert not [each for each in caplog.records if each.name == "asyncio"]


def test_two_that_read_the_same_in_turn_do_not_disturb_each_other(tmp_path):
    paths = [f"faulty://{tmp_path}/{number:03}.txt" for number in range(100)]
    for path in paths:
        Path(path.removeprefix("faulty://")).write_text("text")
    one, other = iter(sources.Contents(paths)), iter(sources.Contents(paths))
    assert (next(one), next(other)) == ("text", "text")
    one.close()
    assert list(other) == ["text"] * 99


def test_a_file_system_that_is_made_over_another_one_keeps_nobody_waiting(tmp_path):
    """An archive on a server is opened by questions to the server, which are answered in the one loop of all."""
    pictures.write_all(tmp_path, [f"{number}.png" for number in range(4)])
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number in range(4):
            archive.write(tmp_path / f"{number}.png", f"{number}.png")
    inner, outer = f"zip://0.png::faulty://{tmp_path}/all.zip", f"silent://{tmp_path}/0.png"
    opening, release = threading.Event(), threading.Event()
    Faulty.faults[f"{tmp_path}/all.zip"].extend([opening.set, release])
    _remote_systems._forget()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        inside = pool.submit(_remote.content, inner)
        try:
            assert opening.wait(60)
            outside = pool.submit(_remote.content, outer)
            assert outside.result(30) == (tmp_path / "0.png").read_bytes()
        finally:
            release.set()
        assert inside.result(60) == (tmp_path / "0.png").read_bytes()


@pytest.mark.parametrize("workers", WORKERS, ids=str)
def test_many_files_are_under_way_at_once(tmp_path, workers):
    """Nobody is answered before one worker alone has asked for so many at the same time."""
    pictures.write_all(tmp_path / "train", [f"{number % 2}/{number}.png" for number in range(96)])
    options = {**LISTED, "batch_size": 48, "augment": faulty_systems.unchanged, **workers}
    options["workers"] = min(options["workers"], 1)
    loader = amalthea.ImageLoader.from_directory(f"crowd://{tmp_path}/train", **options)
    (tmp_path / "train" / "crowd").write_text("40")
    assert len(batches_of(loader)) == 4


def test_worker_processes_have_the_configuration_of_fsspec(tmp_path):
    fsspec.config.conf["told"] = {"word": "aha"}
    try:
        texts = sources.CharacterCodes.of_files([f"told://{tmp_path}/{number}" for number in range(4)], 1, 3)
        source = sources.Mapped(texts, faulty_systems.unchanged)
        with amalthea.Loader(source, batch_size=4, shuffle=False, workers=1, use_multiprocessing=True) as loader:
            assert ["".join(map(chr, row)) for row in loader[0]] == ["aha"] * 4
    finally:
        del fsspec.config.conf["told"]


def test_what_cannot_be_sent_of_the_configuration_is_told_and_keeps_nobody_from_working():
    fsspec.config.conf["told"] = {"word": threading.Lock()}
    options = {"batch_size": 2, "shuffle": False, "workers": 1, "use_multiprocessing": True}
    try:
        with amalthea.Loader(np.arange(4), **options) as loader, pytest.warns(UserWarning, match=r"conf\['told'\]"):
            assert [batch.tolist() for batch in loader] == [[0, 1], [2, 3]]
    finally:
        del fsspec.config.conf["told"]


def test_what_is_configured_or_registered_while_that_is_sent_breaks_nothing():
    class Growing:
        def __reduce__(self):
            fsspec.config.conf["grown"] = {}
            fsspec.register_implementation("grown", faulty_systems.Told, clobber=True)
            return str, ()

    class Kind(faulty_systems.Told):
        protocol = "growing"
        growing = Growing()

    fsspec.register_implementation("growing", Kind, clobber=True)
    fsspec.config.conf["told"] = {"word": Growing()}
    try:
        assert "told" in handed_on()[2]
        assert "growing" in handed_on()[3]
    finally:
        fsspec.register_implementation("growing", faulty_systems.Told, clobber=True)
        for name in ("told", "grown"):
            fsspec.config.conf.pop(name, None)


def test_worker_processes_have_the_file_systems_that_the_program_has_registered():
    class Loud(faulty_systems.Told):
        protocol = "loud"

        async def _cat_file(self, path, start=None, end=None, **kwargs):
            return b"LOUD"

    fsspec.register_implementation("loud", Loud, clobber=True)
    source = sources.CharacterCodes.of_files(["loud://1", "loud://2"], 1, 4)
    with amalthea.Loader(source, batch_size=2, shuffle=False, workers=1, use_multiprocessing=True) as loader:
        assert ["".join(map(chr, row)) for row in loader[0]] == ["LOUD"] * 2


def test_a_cache_in_a_folder_notices_files_that_have_changed(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for number, path in enumerate(paths):
        pictures.write(path, 10 * number)
    options = {**OPTIONS, "cache": tmp_path / "cache", "shuffle": False, "workers": 2, "max_queue_size": 0}
    urls = [f"faulty://{path}" for path in paths]

    def grey():
        with amalthea.ImageLoader(urls, **options) as loader:
            return loader[0][:, 0, 0, 0].round().tolist()

    assert grey() == [0, 10, 20, 30]
    Faulty.asked.clear()
    pictures.write(paths[2], 200)
    os.utime(paths[2], ns=(1, 1))
    assert grey() == [0, 10, 200, 30]
    assert [bool(Faulty.asked[str(path)]) for path in paths] == [False, False, True, False]


def test_the_same_files_are_found_wherever_they_are(tmp_path, folder, urls):
    local = [str(folder / "a" / "3.png"), str(folder / "b" / "5.png")]
    remote = [f"{urls['memory']}/a/3.png", f"{urls['memory']}/a/9.png"]
    assert amalthea.splits.same_files(local, remote) == [(local[0], remote[0])]


def test_quarantine_knows_a_file_by_its_url(folder):
    urls = [f"faulty://{folder}/a/3.png", f"faulty://{folder}/a/9.png"]
    loader = amalthea.ImageLoader(urls, [0, 1], **OPTIONS, on_error="skip", quarantine=[urls[0]], workers=0)
    assert batches_of(loader)[1].tolist() == [1, 1]
    assert not Faulty.asked[f"{folder}/a/3.png"]


def test_a_folder_behind_a_url_is_inspected_as_any_other(urls, capsys):
    assert commands.main(["inspect", urls["memory"]]) == 0
    printed = capsys.readouterr().out
    assert "24 images (each decoded), 3 classes" in printed


def test_a_folder_behind_a_url_is_measured_as_any_other(urls):
    result = bench(urls["zip"], image_size=16, batch_size=4, seconds=0.6, workers=1, show=False)
    assert (result.files, result.sample.broken) == (24, 0)


@pytest.mark.parametrize("url", ["nowhere://a.png", "zip://a.png::nowhere://b.zip"])
def test_a_url_that_nothing_can_read_says_what_to_install(url):
    with pytest.raises(ConfigurationError, match=r"nowhere.*`s3fs` for s3://"):
        sources.ImageFiles([url])


@pytest.mark.parametrize(
    ("argument", "value"),
    [("timeout_s", 0), ("timeout_s", "5"), ("deadline_s", float("inf")), ("cache", "s3://a"), ("cache_bytes", -1)],
)
def test_settings_that_cannot_be_are_refused(argument, value):
    with pytest.raises(ConfigurationError, match=f"`{argument}` is {value!r}"):
        configure_remote(**{argument: value})


def test_local_files_need_none_of_it(folder):
    """What reads URLs is not even imported."""
    program = (
        "import sys\n"
        "from amalthea.sources import Contents, ImageFiles, files\n"
        f"paths = files({str(folder)!r}, '.png')\n"
        "ImageFiles(paths, 16)[0], Contents(paths).name(0)\n"
        "print(len(paths), [name for name in ('fsspec', 'asyncio') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "24 []\n"


def test_a_forked_program_reads_on(folder):
    program = (
        "import os, sys\n"
        "from amalthea.sources import _remote\n"
        f"url = 'file://{folder}/a/3.png'\n"
        "data = _remote.content(url)\n"
        "if pid := os.fork():\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
        "os._exit(0 if _remote.content(url) == data else 1)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
