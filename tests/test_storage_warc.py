"""What stands in the WARC files: every record whole, every served byte back, nothing lost."""

import base64
import errno
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

import storage.warc
from storage import Archive, ArchiveUnusable, Capture, CaptureUnreadable
from storage.record import StoredCapture
from storage.warc_reading import Record, iterate
from tests.records import URL, article, capture

Opener = Callable[..., Archive]
ROOT = Path(__file__).parents[1]
PROFILE = "http://netpreserve.org/warc/1.1/revisit/"


def records(folder: Path) -> list[Record]:
    """All records of all files, each read to its end and verified."""
    return [record for path in sorted(folder.iterdir()) for record in iterate(path)]


def body(size: int, seed: int = 1) -> bytes:
    """Bytes that gzip cannot make smaller."""
    return random.Random(seed).randbytes(size)


def page(number: int, size: int = 20_000) -> Capture:
    """A capture of page ``number``, with a body of its own."""
    return capture(body(size, number), url=f"http://news.example.cn/{number}.html", minute=number)


def check_readable(archive: Archive, served: dict[str, bytes]) -> None:
    """Every capture row reads back to what was served at its address."""
    for row in archive.captures():
        assert archive.read_capture(row.id).body == served[row.url]


# -- what is written ------------------------------------------------------------------------------


def test_every_capture_has_one_response_and_one_request(archive: Archive, tmp_path: Path) -> None:
    for number in range(5):
        archive.add([page(number)], None, failure="not read")
    archive.add([page(3)], None, failure="the same again")
    archive.add(
        [capture(b"", status=301, page=None, url="http://news.example.cn/go"), capture()], article()
    )
    found = records(tmp_path / "warc")
    kinds = [record.type for record in found]
    assert kinds.count("response") + kinds.count("revisit") == archive.counts()["captures"] == 8
    assert kinds.count("revisit") == 1
    assert kinds.count("request") == 8
    assert kinds.count("warcinfo") == 1
    for before, after in zip(found[1::2], found[2::2], strict=True):
        assert after.type == "request"
        assert after.headers["WARC-Concurrent-To"] == before.headers["WARC-Record-ID"]
        assert after.headers["WARC-Target-URI"] == before.headers["WARC-Target-URI"]


def test_warcio_reads_the_same_records(archive: Archive, tmp_path: Path) -> None:
    for number in range(4):
        archive.add([page(number)], None, failure="not read")
    archive.add([page(2)], None, failure="the same again")
    ours = records(tmp_path / "warc")
    theirs = []
    for path in sorted((tmp_path / "warc").iterdir()):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                content = record.raw_stream.read()
                theirs.append((record.rec_type, record.rec_headers["WARC-Record-ID"], content))
    assert theirs == [
        (record.type, record.headers["WARC-Record-ID"], record.body) for record in ours
    ]


def test_digests_are_of_the_bytes(archive: Archive, tmp_path: Path) -> None:
    archive.add([page(1)], None, failure="not read")
    _, response, request = records(tmp_path / "warc")
    sha1 = base64.b32encode(hashlib.sha1(body(20_000, 1)).digest()).decode()
    assert response.headers["WARC-Payload-Digest"] == f"sha1:{sha1}"
    assert response.headers["WARC-Block-Digest"].startswith("sha1:")
    assert request.headers["WARC-Block-Digest"].startswith("sha1:")


def test_one_gzip_member_a_record_where_its_row_says(archive: Archive, tmp_path: Path) -> None:
    for number in range(3):
        archive.add([page(number)], None, failure="not read")
    (path,) = (tmp_path / "warc").iterdir()
    data, offset, members = path.read_bytes(), 0, {}
    while offset < len(data):
        member = zlib.decompressobj(zlib.MAX_WBITS + 16)
        text = member.decompress(data[offset:])
        assert text.startswith(b"WARC/1.1\r\n")
        assert text.count(b"WARC-Type:") == 1
        length = len(data) - offset - len(member.unused_data)
        members[offset] = length
        offset += length
    rows = [(row.warc_offset, row.warc_length) for row in archive.captures()]
    assert len(members) == 7
    assert all(members[offset] == length for offset, length in rows)


# -- what comes back ------------------------------------------------------------------------------


def test_gzip_bytes_and_headers_come_back_as_served(archive: Archive) -> None:
    served = capture(
        "<p>解读</p>".encode(),
        is_gzip=True,
        headers=(
            ("Server", "nginx"),
            ("set-cookie", "a=1"),
            ("Content-Type", "text/html; charset=gb18030"),
            ("Set-Cookie", "b=2; path=/"),
            ("Transfer-Encoding", "chunked"),
            ("X-Title", "解读".encode("gb18030").decode("latin-1")),
            ("X-Empty", ""),
            ("X-Spaces", "  two  "),
            ("Content-Encoding", "gzip"),
        ),
    )
    added = archive.add([served], article())
    back = archive.read_capture(added.capture_ids[0])
    assert back.body == served.body
    assert back.headers == (
        ("Server", "nginx"),
        ("set-cookie", "a=1"),
        ("Content-Type", "text/html; charset=gb18030"),
        ("Set-Cookie", "b=2; path=/"),
        ("X-Title", "\xbd\xe2\xb6\xc1"),
        ("X-Empty", ""),
        ("X-Spaces", "  two  "),
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(len(served.body))),
    )
    assert replace(back, headers=(), request_headers=()) == replace(
        served, headers=(), request_headers=()
    )


def test_a_wrong_content_length_is_stored_as_the_true_one(archive: Archive) -> None:
    served = capture(b"12345", headers=(("Content-Length", "99"), ("X-A", "b")), truncated="length")
    added = archive.add([served], article())
    back = archive.read_capture(added.capture_ids[0])
    assert sorted(back.headers) == [("Content-Length", "5"), ("X-A", "b")]
    assert back.truncated == "length"


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"\x00\xff" * 9, b"WARC/1.1\r\n\r\n"])
def test_any_bytes_come_back(archive: Archive, content: bytes) -> None:
    added = archive.add([capture(content)], None, failure="not read")
    assert archive.read_capture(added.capture_ids[0]).body == content


def test_the_request_is_kept_as_it_was_sent(archive: Archive, tmp_path: Path) -> None:
    sent = (("Host", "news.example.cn"), ("Accept", "text/html"), ("User-Agent", "jiedu"))
    archive.add([capture(url=f"{URL}?a=1", request_headers=sent)], article())
    request = records(tmp_path / "warc")[2]
    assert request.http_headers == sent
    with next((tmp_path / "warc").iterdir()).open("rb") as stream:
        lines = [r.http_headers.statusline for r in ArchiveIterator(stream) if r.http_headers]
    assert "/jiedu/1001.html?a=1 HTTP/1.1" in lines[1]


# -- revisits -------------------------------------------------------------------------------------


def test_a_hundred_identical_visits_are_one_response(archive: Archive, tmp_path: Path) -> None:
    for minute in range(100):
        archive.add([capture(is_gzip=True, minute=minute)], article())
    found = [r for r in records(tmp_path / "warc") if r.type in ("response", "revisit")]
    assert [r.type for r in found] == ["response"] + ["revisit"] * 99
    first = found[0].headers
    for revisit in found[1:]:
        assert revisit.headers["WARC-Profile"] == f"{PROFILE}identical-payload-digest"
        assert revisit.headers["WARC-Refers-To"] == first["WARC-Record-ID"]
        assert revisit.headers["WARC-Refers-To-Date"] == first["WARC-Date"]
        assert revisit.headers["WARC-Payload-Digest"] == first["WARC-Payload-Digest"]
        assert revisit.body == b""
    rows = archive.captures(URL)
    assert [row.record_type for row in rows] == [r.type for r in found]
    assert archive.read_capture(rows[99].id).body == capture(is_gzip=True).body
    assert archive.read_capture(rows[99].id).captured_at == rows[99].captured_at
    assert archive.version(URL).captures == 100


def test_a_304_is_a_revisit_of_what_the_server_vouched_for(
    archive: Archive, tmp_path: Path
) -> None:
    tagged = (("ETag", '"a1"'), ("Content-Type", "text/html"))
    archive.add([capture(headers=tagged)], article())
    validators = archive.validators(URL)
    assert validators is not None
    unmodified = capture(
        b"", minute=1, status=304, headers=(("ETag", '"a1"'),), revisits=validators.capture_id
    )
    added = archive.add([unmodified], None)
    response, revisit = (r for r in records(tmp_path / "warc") if r.status)
    assert (revisit.type, revisit.status) == ("revisit", 304)
    assert revisit.headers["WARC-Profile"] == f"{PROFILE}server-not-modified"
    assert revisit.headers["WARC-Refers-To"] == response.headers["WARC-Record-ID"]
    back = archive.read_capture(added.capture_ids[0])
    assert (back.status, back.body, back.revisits) == (304, b"", validators.capture_id)
    assert back.headers == (("ETag", '"a1"'),)


def test_other_headers_of_the_same_payload_are_kept(archive: Archive) -> None:
    archive.add([capture()], article())
    added = archive.add([capture(minute=1, headers=(("X-New", "1"),))], article())
    assert ("X-New", "1") in archive.read_capture(added.capture_ids[0]).headers


# -- files ----------------------------------------------------------------------------------------


def test_files_rotate_by_size_and_are_never_reopened(open_archive: Opener, tmp_path: Path) -> None:
    served = {}
    sizes: dict[str, int] = {}
    for run in range(2):
        with open_archive(warc_bytes=50_000) as archive:
            for number in range(run * 8, run * 8 + 8):
                archive.add([page(number)], None, failure="not read")
                served[page(number).url] = page(number).body
            for name, size in sizes.items():
                assert (tmp_path / "warc" / name).stat().st_size == size
            check_readable(archive, served)
        sizes = {path.name: path.stat().st_size for path in (tmp_path / "warc").iterdir()}
    assert len(sizes) == 6  # three records of 20 kB fill a file
    assert all(size < 50_000 + 25_000 for size in sizes.values())
    assert len(records(tmp_path / "warc")) == 6 + 2 * 16


def test_each_crawl_has_files_of_its_own(archive: Archive) -> None:
    for number in range(2):
        crawl = archive.begin_crawl("test")
        archive.add([page(number)], None, failure="not read")
        assert archive.captures()[-1].warc_file.startswith(f"{crawl:06d}-{os.getpid()}-")
    assert len({row.warc_file for row in archive.captures()}) == 2


# -- a disk that refuses --------------------------------------------------------------------------


class FullDisk(io.FileIO):
    """A file that takes half of what is written to it once there is no room."""

    is_full = False

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        if not FullDisk.is_full:
            return super().write(data)
        super().write(bytes(data)[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def open_full(path: Path, mode: str, buffering: int) -> FullDisk:
    """In place of ``open`` in ``storage.warc``."""
    assert buffering == 0  # what a buffer holds back would be written after the cut
    return FullDisk(path, mode)


def test_a_failed_write_is_cut_back_and_costs_its_visit_only(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.warc, "open", open_full, raising=False)
    monkeypatch.setattr(FullDisk, "is_full", False)
    archive.add([page(1)], None, failure="not read")
    (path,) = (tmp_path / "warc").iterdir()
    size = path.stat().st_size
    monkeypatch.setattr(FullDisk, "is_full", True)
    for _ in range(2):
        with pytest.raises(ArchiveUnusable, match=r"warc.*No space left on device"):
            archive.add([page(2)], None, failure="not read")
    assert path.stat().st_size == size
    assert archive.counts()["captures"] == 1
    check_readable(archive, {page(1).url: page(1).body})
    monkeypatch.setattr(FullDisk, "is_full", False)
    archive.add([page(2)], None, failure="not read")
    first, second = archive.captures()
    assert first.warc_file != second.warc_file
    assert path.stat().st_size == size
    check_readable(archive, {page(n).url: page(n).body for n in (1, 2)})
    kinds = [record.type for record in records(tmp_path / "warc")]
    assert (kinds.count("response"), kinds.count("request")) == (2, 2)


_LIMITED = """
import resource, sys
from storage import Archive, ArchiveUnusable
from tests.test_storage_warc import page

with Archive.open(sys.argv[1], warc=sys.argv[2]) as archive:
    archive.add([page(1, 500_000)], None, failure="not read")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, hard))
    try:
        archive.add([page(2, 500_000)], None, failure="not read")
    except ArchiveUnusable as error:
        print(error)
    archive.add([page(3, 500_000)], None, failure="not read")
"""


def test_a_file_size_limit_of_the_system_is_survived(archive_url: str, tmp_path: Path) -> None:
    done = run_python(_LIMITED, archive_url, tmp_path / "warc")
    assert done.returncode == 0, done.stderr
    assert "File too large" in done.stdout
    with Archive.open(archive_url, warc=tmp_path / "warc") as archive:
        assert [row.url for row in archive.captures()] == [page(1).url, page(3).url]
        assert len({row.warc_file for row in archive.captures()}) == 2
        check_readable(archive, {page(n).url: page(n, 500_000).body for n in (1, 3)})
    assert len(records(tmp_path / "warc")) == 2 * 3  # nothing of the second page


def run_python(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own, in the project's folder."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


# -- damage ---------------------------------------------------------------------------------------


@pytest.fixture
def damaged(archive: Archive, tmp_path: Path) -> tuple[Archive, Path, StoredCapture]:
    """An archive with three pages in one file, the file, and the row of the second."""
    for number in (1, 2, 3):
        archive.add([page(number)], None, failure="not read")
    row = archive.captures()[1]
    return archive, tmp_path / "warc" / row.warc_file, row


Damaged = tuple[Archive, Path, StoredCapture]


def unreadable(archive: Archive, path: Path, row: StoredCapture) -> None:
    with pytest.raises(CaptureUnreadable) as caught:
        archive.read_capture(row.id)
    assert str(path) in str(caught.value)
    assert f"offset {row.warc_offset}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(damaged: Damaged) -> None:
    archive, path, row = damaged
    path.unlink()
    unreadable(archive, path, row)


def test_a_missing_folder_is_named(damaged: Damaged) -> None:
    archive, path, row = damaged
    path.parent.rename(path.parent.with_name("elsewhere"))
    unreadable(archive, path, row)


@pytest.mark.parametrize("missing", [1, 8, 9, 5_000])
def test_a_file_cut_in_a_record_is_named(damaged: Damaged, missing: int) -> None:
    archive, path, row = damaged
    os.truncate(path, row.warc_offset + row.warc_length - missing)
    unreadable(archive, path, row)
    with pytest.raises(CaptureUnreadable, match=f"offset {row.warc_offset}"):
        list(iterate(path))
    assert archive.read_capture(archive.captures()[0].id).body == page(1).body


def test_any_flipped_byte_is_found(damaged: Damaged) -> None:
    archive, path, row = damaged
    whole = path.read_bytes()
    # Bytes 4 to 9 of a member are gzip's own time stamp and flags: no one's data.
    places = [0, 1, 2, 10, row.warc_length - 8, row.warc_length - 1]
    places += random.Random(7).sample(range(11, row.warc_length - 8), 20)
    for place in places:
        data = bytearray(whole)
        data[row.warc_offset + place] ^= 0x10
        path.write_bytes(data)
        unreadable(archive, path, row)
        with pytest.raises(CaptureUnreadable):
            list(iterate(path))
    path.write_bytes(whole)
    assert archive.read_capture(row.id).body == page(2).body


def test_a_sound_record_at_the_wrong_place_is_not_taken_for_the_capture(damaged: Damaged) -> None:
    archive, path, row = damaged
    other = page(4).body
    with Archive.open(path.parents[1] / "other.db", create=True, warc=path.parent / "o") as second:
        for body_ in (page(1).body, other, page(3).body):
            second.add([replace(page(2), body=body_)], None, failure="not read")
        foreign = second.captures()[1]
        record = (path.parent / "o" / foreign.warc_file).read_bytes()[
            foreign.warc_offset : foreign.warc_offset + foreign.warc_length
        ]
    data = path.read_bytes()
    end = row.warc_offset + row.warc_length
    path.write_bytes(data[: row.warc_offset] + record[: row.warc_length] + data[end:])
    unreadable(archive, path, row)


def test_a_damaged_original_makes_its_revisit_unreadable(damaged: Damaged) -> None:
    archive, path, row = damaged
    archive.begin_crawl("test")
    added = archive.add([page(2)], None, failure="the same again")
    assert archive.captures()[-1].record_type == "revisit"
    data = bytearray(path.read_bytes())
    data[row.warc_offset + 400] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(CaptureUnreadable, match=f"{path.name} at offset {row.warc_offset}"):
        archive.read_capture(added.capture_ids[0])


# -- a killed writer ------------------------------------------------------------------------------

# The third add is measured in events of the interpreter, the fourth is ended at a share of them.
_KILLED = """
import os, signal, sys
from storage import Archive
from tests.records import article
from tests.test_storage_warc import page

address, folder, run, share = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
count, deadline = 0, None

def tick(frame, event, argument):
    global count
    count += 1
    if count == deadline:
        os.kill(os.getpid(), signal.SIGKILL)

archive = Archive.open(address, warc=folder)
for step in range(5):
    number = run * 10 + step
    if step == 2:
        sys.setprofile(tick)
    if step == 3:
        deadline, count = max(1, int(count * share)), 0
    archive.add([page(number)], article(url=page(number).url))
    print(number, flush=True)
"""
_TORN = """
import io, os, signal, sys
import storage.warc
from storage import Archive
from tests.records import article
from tests.test_storage_warc import page

class Torn(io.FileIO):
    writes = 0

    def write(self, data):
        Torn.writes += 1
        if Torn.writes == 5:  # the warcinfo record and three captures came before
            super().write(bytes(data)[: int(len(data) * share)])
            os.kill(os.getpid(), signal.SIGKILL)
        return super().write(data)

storage.warc.open = lambda path, mode, buffering: Torn(path, mode)
address, folder, run, share = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
archive = Archive.open(address, warc=folder)
for step in range(5):
    number = run * 10 + step
    archive.add([page(number)], article(url=page(number).url))
    print(number, flush=True)
"""


def test_a_killed_writer_costs_nothing_committed(archive_url: str, tmp_path: Path) -> None:
    chance = random.Random(20_260_301)
    folder = tmp_path / "warc"
    committed: set[str] = set()
    sizes: dict[str, int] = {}
    # A writer torn in the middle of a record, then ones killed anywhere in an add.
    for run, program in enumerate([_TORN, _KILLED, _KILLED, _KILLED, _KILLED]):
        done = run_python(program, archive_url, folder, run, chance.random())
        assert done.returncode == -signal.SIGKILL, done.stderr
        told = {page(int(number)).url for number in done.stdout.split()}
        assert len(told) == 3
        committed |= told
        for name, size in sizes.items():
            assert (folder / name).stat().st_size == size  # no killed writer's file is reopened
        sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
        assert len(sizes) == run + 1
    with Archive.open(archive_url, warc=folder) as archive:
        archive.add([page(99)], article(url=page(99).url))
        committed.add(page(99).url)
        rows = archive.captures()
        urls = {row.url for row in rows}
        assert committed <= urls  # more when the kill came after the commit
        assert rows[-1].warc_file not in sizes
        for row in rows:
            number = int(row.url.rpartition("/")[2].partition(".")[0])
            assert archive.read_capture(row.id).body == page(number).body
            assert archive.version(row.url).number == 1
        counts = archive.counts()
        assert counts["captures"] == counts["articles"] == counts["versions"] == len(urls)
