"""A disk that refuses in the middle of things: nothing half done is built upon."""

import errno
import io
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import storage.warc
from storage import Archive, ArchiveUnusable, Capture
from storage.warc_reading import iterate
from tests.records import capture

Opener = Callable[..., Archive]


def page(number: int) -> Capture:
    """A capture of page ``number``, with a body of its own."""
    return capture(b"page %d " % number * 200, url=f"http://news.example.cn/{number}.html")


def keep(archive: Archive, number: int) -> None:
    archive.add([page(number)], None, failure="not read")


def check(archive: Archive, numbers: list[int]) -> None:
    """These captures were committed, in this order, and read back; every file is whole."""
    rows = archive.captures()
    assert [row.url for row in rows] == [page(number).url for number in numbers]
    for row, number in zip(rows, numbers, strict=True):
        assert archive.read_capture(row.id).body == page(number).body
    folder = archive.warc_folder
    assert folder is not None
    kinds = [record.type for path in folder.iterdir() for record in iterate(path)]
    assert kinds.count("response") == kinds.count("request") == len(numbers)


class OddDisk(io.FileIO):
    """A file on a disk that does as ``behave`` says on each write."""

    behave: Callable[["OddDisk", bytes], int] | None = None

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        if OddDisk.behave is None:
            return super().write(data)
        return OddDisk.behave(self, bytes(data))

    def plain_write(self, data: bytes) -> int:
        return super().write(data)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> type[OddDisk]:
    """The disk WARC files are written to."""

    def open_odd(path: Path, mode: str, buffering: int) -> OddDisk:
        assert buffering == 0
        return OddDisk(path, mode)

    monkeypatch.setattr(storage.warc, "open", open_odd, raising=False)
    monkeypatch.setattr(OddDisk, "behave", None)
    return OddDisk


def test_a_disk_that_takes_a_part_at_a_time_gets_all_of_it(
    archive: Archive, disk: type[OddDisk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "behave", lambda file, data: file.plain_write(data[:100]))
    keep(archive, 1)
    keep(archive, 2)
    check(archive, [1, 2])


def test_a_disk_that_fills_up_within_a_record_costs_that_visit(
    archive: Archive, disk: type[OddDisk], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(archive, 1)
    taken: list[int] = []

    def fill(file: OddDisk, data: bytes) -> int:
        if taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken.append(1)
        return file.plain_write(data[:100])  # as a nearly full disk does: no error yet

    monkeypatch.setattr(disk, "behave", fill)
    with pytest.raises(ArchiveUnusable, match="No space left on device"):
        keep(archive, 2)
    check(archive, [1])
    monkeypatch.setattr(disk, "behave", None)
    keep(archive, 3)
    check(archive, [1, 3])
    assert len({row.warc_file for row in archive.captures()}) == 2


def test_a_file_that_cannot_be_begun_leaves_none(
    archive: Archive, disk: type[OddDisk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: OddDisk, data: bytes) -> int:
        file.plain_write(data[:50])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk, "behave", refuse)
    for _ in range(3):
        with pytest.raises(ArchiveUnusable, match="No space left on device"):
            keep(archive, 1)
        assert list((tmp_path / "warc").iterdir()) == []
    monkeypatch.setattr(disk, "behave", None)
    keep(archive, 2)
    check(archive, [2])


def failing_sync(monkeypatch: pytest.MonkeyPatch, calls: set[int]) -> list[int]:
    """Let the given calls of ``os.fsync`` fail, counted from 1."""
    made: list[int] = []

    def fsync(descriptor: int) -> None:
        made.append(descriptor)
        if len(made) in calls:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(storage.warc.os, "fsync", fsync)
    return made


def test_what_could_not_be_synced_is_not_committed_and_its_file_left(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(archive, 1)
    failing_sync(monkeypatch, {1})
    with pytest.raises(ArchiveUnusable, match="Input/output error"):
        keep(archive, 2)
    keep(archive, 3)
    check(archive, [1, 3])
    assert len({row.warc_file for row in archive.captures()}) == 2


@pytest.mark.parametrize("call", [1, 2])  # of the new file, of its name in the folder
def test_a_new_file_that_could_not_be_synced_is_none(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, call: int, tmp_path: Path
) -> None:
    failing_sync(monkeypatch, {call})
    with pytest.raises(ArchiveUnusable, match="Input/output error"):
        keep(archive, 1)
    assert list((tmp_path / "warc").iterdir()) == []
    keep(archive, 2)
    check(archive, [2])


def test_every_record_and_every_new_name_is_synced(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = failing_sync(monkeypatch, set())
    keep(archive, 1)
    assert len(made) == 3  # the file's first record, the folder, the capture
    keep(archive, 2)
    assert len(made) == 4


def test_a_tail_that_cannot_be_cut_off_is_never_built_upon(
    archive: Archive,
    disk: type[OddDisk],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    keep(archive, 1)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def half(file: OddDisk, data: bytes) -> int:
        file.plain_write(data[: len(data) // 2])
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(disk, "behave", half)
        broken.setattr(storage.warc.os, "ftruncate", refuse)
        with pytest.raises(ArchiveUnusable, match="Input/output error"):
            keep(archive, 2)
    assert "cannot cut" in caplog.text
    keep(archive, 3)
    first, second = archive.captures()
    assert first.warc_file != second.warc_file
    assert archive.read_capture(first.id).body == page(1).body
    assert archive.read_capture(second.id).body == page(3).body


def test_an_interrupt_within_a_record_leaves_nothing_of_it(
    archive: Archive, disk: type[OddDisk], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(archive, 1)

    def interrupt(file: OddDisk, data: bytes) -> int:
        file.plain_write(data[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(disk, "behave", interrupt)
    with pytest.raises(KeyboardInterrupt):
        keep(archive, 2)
    monkeypatch.setattr(disk, "behave", None)
    keep(archive, 3)
    check(archive, [1, 3])


def test_names_say_crawl_process_and_number(open_archive: Opener, tmp_path: Path) -> None:
    with open_archive(warc_bytes=1) as archive:
        for number in range(3):
            keep(archive, number)
        check(archive, [0, 1, 2])
    names = sorted(path.name for path in (tmp_path / "warc").iterdir())
    assert names == [f"000001-{os.getpid()}-{n:05d}.warc.gz" for n in (1, 2, 3)]


def test_a_name_that_is_taken_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "warc").mkdir()
    taken = tmp_path / "warc" / f"000001-{os.getpid()}-00001.warc.gz"
    taken.write_bytes(b"another's")
    keep(archive, 1)
    assert taken.read_bytes() == b"another's"
    (row,) = archive.captures()
    assert re.search(r"-00002\.warc\.gz$", row.warc_file)
    assert archive.read_capture(row.id).body == page(1).body


def test_threads_may_share_an_archive(archive: Archive) -> None:
    with ThreadPoolExecutor(4) as pool:
        archive.begin_crawl("test")
        list(pool.map(lambda number: keep(archive, number), range(20)))
    rows = archive.captures()
    assert {row.url for row in rows} == {page(number).url for number in range(20)}
    assert len({row.warc_file for row in rows}) == 1
    for row in rows:
        number = int(re.findall(r"/(\d+)\.html", row.url)[0])
        assert archive.read_capture(row.id).body == page(number).body
