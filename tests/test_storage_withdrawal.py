"""Withdrawals: nobody reads the text, tombstone and audit stay, erased bytes are nowhere."""

import os
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from warcio.archiveiterator import ArchiveIterator

import storage.warc_erasing
from storage import (
    Archive,
    ArchiveError,
    ArchiveUnusable,
    ArticleWithdrawn,
    Attachment,
    Capture,
    CaptureUnreadable,
    Image,
    Listed,
    Query,
)
from storage.cli.app import main
from storage.warc_erasing import erase_capture
from storage.warc_reading import Record, iterate
from tests.records import BODY, URL, article, capture

Opener = Callable[..., Archive]
SECRET = "张三丰的身份证号码是壹贰叁肆伍陆"
OTHER = "http://news.example.cn/jiedu/1002.html"
HOP = "http://news.example.cn/check"
FILE, SHARED = "http://news.example.cn/own.pdf", "http://news.example.cn/shared.pdf"
WHY = "法院通知 2026-17"
BIG = os.urandom(300_000)  # a member far longer than what readers take at once


def withdraw(archive: Archive, *, erase: bool = False, url: str = URL) -> None:
    archive.withdraw(url, WHY, by="wang", erase=erase)


def fill(archive: Archive) -> None:
    """An article of two versions, hops, pages and files; another one beside it."""
    archive.list_urls("example", "http://news.example.cn/", [Listed(url=URL, title=SECRET)])
    body = f"<p>{SECRET}</p>".encode()
    hop = capture(b"<p>checking</p>", url=HOP, status=302, page=None)
    links = {"attachments": (Attachment(url=FILE, name=SECRET), Attachment(url=SHARED))}
    first = replace(article(SECRET, title=SECRET), **links)
    first = replace(first, authors=(SECRET,))
    archive.add([capture(body, minute=-1)], None, failure="no layout")  # before it was known
    archive.add([asked(URL), replace(hop, page=1)], None, failure="led nowhere")
    archive.add([asked(URL), hop, capture(body, is_gzip=True)], first)
    archive.add([asked(URL), hop, capture(body, minute=1, is_gzip=True)], first)  # revisits
    pages = [
        capture(body + b"2", minute=2),
        capture(body + BIG, url=f"{URL}?p=2", page=2, minute=2),
    ]
    archive.add(pages, replace(article(SECRET, BODY[0]), images=(Image(url=FILE, alt=SECRET),)))
    named = {"kind": "attachment", "filename": f"{SECRET}.pdf"}
    archive.add([capture(SECRET.encode(), url=FILE, **named)], None)
    archive.add([capture(b"shared", url=SHARED, kind="attachment")], None)
    other = replace(article(url=OTHER), attachments=(Attachment(url=SHARED),))
    archive.add([asked(OTHER), hop, capture(b"<p>other</p>", url=OTHER)], other)


def asked(url: str) -> Capture:
    """A redirect from an article's own address, as of a cookie check."""
    return capture(b"", url=url, status=302, page=None)


def records(folder: Path) -> list[Record]:
    return [record for path in sorted(folder.glob("*.gz")) for record in iterate(path)]


def stored_bytes(archive: Archive, folder: Path, url: str) -> bytes:
    """All an archive's files hold, what is compressed twice over unpacked, and every row."""
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    for record in records(folder / "warc"):
        held.append(record.body)
        if record.body[:2] == b"\x1f\x8b":
            held.append(zlib.decompress(record.body, zlib.MAX_WBITS + 16))
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (name,) in tables:
                held += [
                    repr(row).encode()
                    for row in connection.execute(f'SELECT * FROM "{name}"'.encode())
                ]
    return b"\n".join(held)


def check_others(archive: Archive) -> None:
    """The other article, the shared file and the listing read as ever; every file is whole."""
    assert archive.version(OTHER).article.blocks[1].text == BODY[0]
    for row in archive.captures(OTHER):
        assert archive.read_capture(row.id).url == row.url
    kept = archive.file(SHARED)
    assert kept is not None
    assert archive.read_capture(kept.id).body == b"shared"
    assert archive.warc_folder is not None
    ours = [
        (record.type, record.headers["WARC-Record-ID"]) for record in records(archive.warc_folder)
    ]
    theirs = []
    for path in sorted(archive.warc_folder.iterdir()):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.raw_stream.read()
                theirs.append((record.rec_type, record.rec_headers["WARC-Record-ID"]))
    assert theirs == ours


# -- hidden ---------------------------------------------------------------------------------------


def test_a_withdrawn_article_is_shown_to_nobody(archive: Archive) -> None:
    fill(archive)
    ids = [row.id for row in archive.captures() if row.url.startswith(URL) or row.url == FILE]
    versions = [version.id for version in archive.versions(URL)]
    withdraw(archive)
    for read in (archive.version, archive.versions):
        with pytest.raises(ArticleWithdrawn, match=rf"{URL} was withdrawn on .* by wang: {WHY}"):
            read(URL)
    for number in ids:
        with pytest.raises(ArticleWithdrawn):
            archive.read_capture(number)
        archive.read_capture(number, is_withdrawn_ok=True)
    assert archive.article(URL).withdrawn_at is not None
    assert archive.file(FILE) is None
    assert not archive.wants_file(FILE, is_recheck=True)
    assert archive.validators(URL) is None
    assert not set(versions) & set(archive.version_ids())
    assert list(archive.unread_visits()) == []
    assert archive.pending_urls("example") == []
    with pytest.raises(ArticleWithdrawn):
        archive.add_reading(versions[0], article(SECRET, reader="2+bbbbbbbb"))
    check_others(archive)


def test_all_counts_leave_it_out(archive: Archive) -> None:
    fill(archive)
    for number in (3, 4):  # the page disappears
        archive.add([capture(b"no", status=404, minute=number)], None)
    assert len(archive.absences()) == archive.search(Query(gone=True)).count() == 1
    whole = archive.counts()
    withdraw(archive)
    counts = archive.counts()
    assert counts["articles"] == counts["versions"] == counts["readings"] == 1
    assert counts["articles"] == archive.search(Query()).count()
    # Left are the three captures of the visit to the other article and the file they share.
    assert (whole["captures"], counts["captures"]) == (18, 4)
    assert archive.absences() == []
    assert len(archive.absences(article_id=1)) == 1  # the tombstone


def test_its_addresses_are_known_and_no_others(archive: Archive) -> None:
    fill(archive)
    assert not archive.is_withdrawn(URL)
    withdraw(archive)
    for url in (URL, URL.replace("http:", "https:"), f"{URL}#a", FILE):
        assert archive.is_withdrawn(url)
    for url in (OTHER, SHARED, "mailto:nobody", "http://news.example.cn/new"):
        assert not archive.is_withdrawn(url)


def test_a_crawl_keeps_nothing_of_it(archive: Archive, tmp_path: Path) -> None:
    fill(archive)
    withdraw(archive)
    before = (len(records(tmp_path / "warc")), archive.counts())
    moved = "http://news.example.cn/jiedu/9.html"
    visits: list[tuple[list[Capture], object, str | None]] = [
        ([capture(b"again", minute=9)], article(SECRET, "neu"), None),
        ([capture(b"again", minute=9)], None, "no layout"),
        ([capture(b"", minute=9, status=304, revisits=archive.captures(URL)[-1].id)], None, None),
        ([capture(b"", minute=9, status=404)], None, None),
        ([capture(b"again", minute=9)], article(SECRET, url=moved), None),  # says it is elsewhere
        ([capture(b"again", url=FILE, kind="attachment", minute=9)], None, None),
    ]
    for captures, read, failure in visits:
        added = archive.add(captures, read, failure=failure)  # type: ignore[arg-type]
        assert (added.state, added.capture_ids) == ("withdrawn", ())
    archive.list_urls("mirror", "http://mirror.example.cn/", [Listed(url=URL, title=SECRET)])
    assert archive.pending_urls("mirror") == []
    assert (len(records(tmp_path / "warc")), archive.counts()) == before


def test_one_withdrawn_while_it_is_added_leaves_no_bytes(
    archive: Archive, open_archive: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)
    counts = archive.counts()
    keep, other = archive._files.keep, open_archive()

    def late(served: Capture) -> object:
        kept = keep(served)
        withdraw(other)
        return kept

    monkeypatch.setattr(archive._files, "keep", late)
    late_text = b"came too late"
    added = archive.add([capture(late_text, minute=9)], article("late"))
    assert added.state == "withdrawn"
    assert all(late_text not in record.body for record in records(tmp_path / "warc"))
    check_others(archive)
    archive.restore(URL, WHY, by="wang")
    assert archive.counts() == counts


def test_restored_it_is_as_it_was(archive: Archive) -> None:
    fill(archive)
    before = (archive.versions(URL), archive.file(FILE), archive.article(URL))
    withdraw(archive)
    with pytest.raises(ArchiveError, match="already"):
        withdraw(archive)
    archive.restore(URL, "ein Irrtum", by="li")
    assert (archive.versions(URL), archive.file(FILE), archive.article(URL)) == before
    assert archive.add([capture(b"x", minute=9)], article(SECRET, "neu")).state == "changed"
    with pytest.raises(ArchiveError, match="not withdrawn"):
        archive.restore(URL, "again", by="li")
    acts = [(act.act, act.reason, act.acted_by, act.url) for act in archive.withdrawals()]
    assert acts == [("withdraw", WHY, "wang", URL), ("restore", "ein Irrtum", "li", URL)]
    assert all(act.finished_at == act.acted_at for act in archive.withdrawals())
    with pytest.raises(ValueError, match="reason"):
        archive.withdraw(URL, " \n", by="wang")


# -- erased ---------------------------------------------------------------------------------------


def test_an_erased_text_is_nowhere(archive: Archive, archive_url: str, tmp_path: Path) -> None:
    fill(archive)
    for number in range(30):  # rows move within their pages
        url = f"http://news.example.cn/{number}.html"
        archive.list_urls("example", "http://news.example.cn/", [Listed(url=url, title=url)])
        archive.add([capture(url.encode(), url=url)], article(url, url=url))
    assert SECRET.encode() in stored_bytes(archive, tmp_path, archive_url)
    offsets = [record.offset for record in records(tmp_path / "warc")]
    withdraw(archive, erase=True)
    held = stored_bytes(archive, tmp_path, archive_url)
    assert SECRET.encode() not in held
    assert BIG[:1000] not in held
    assert b"news.example.cn/jiedu/1001" not in b"".join(r.body for r in records(tmp_path / "warc"))
    assert [record.offset for record in records(tmp_path / "warc")] == offsets
    rows = archive.captures(URL)
    assert {row.record_type for row in rows if row.url != HOP} == {"erased"}
    for row in rows:
        with pytest.raises(ArticleWithdrawn, match="erased on"):
            archive.read_capture(row.id)
    with pytest.raises(ArchiveError, match="cannot be restored"):
        archive.restore(URL, "too late", by="li")
    assert [act.finished_at is None for act in archive.withdrawals()] == [False]
    check_others(archive)


def test_a_hop_shared_with_another_article_stays(archive: Archive) -> None:
    fill(archive)
    withdraw(archive, erase=True)
    (hop,) = [row for row in archive.captures(OTHER) if row.url == HOP]
    assert hop.record_type == "revisit"
    assert archive.read_capture(hop.id).body == b"<p>checking</p>"


def test_a_file_of_two_withdrawn_articles_goes_with_the_last(archive: Archive) -> None:
    fill(archive)
    withdraw(archive)
    withdraw(archive, url=OTHER)
    assert archive.file(SHARED) is None
    withdraw(archive, erase=True)
    archive.restore(OTHER, "kept", by="li")
    check_others(archive)
    withdraw(archive, url=OTHER, erase=True)
    rows = [row for row in archive.captures() if row.url == SHARED]
    assert [row.record_type for row in rows] == ["erased"]


@pytest.mark.parametrize(
    ("broken", "calls"), [("write", 1), ("write", 2), ("write", 5), ("fsync", 1), ("fsync", 4)]
)
def test_an_erasure_cut_short_is_hidden_and_finished_by_the_next(
    archive: Archive,
    archive_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    calls: int,
    broken: str,
) -> None:
    fill(archive)
    made: list[int] = []

    class Torn(storage.warc_erasing.FileIO):
        def write(self, data: bytes, /) -> int:  # type: ignore[override]
            made.append(1)
            if broken == "write" and len(made) >= calls:
                super().write(bytes(data)[: len(data) // 2])
                raise KeyboardInterrupt
            return super().write(data)

    def sync(number: int) -> None:
        if broken == "fsync" and len(made) >= calls:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(storage.warc_erasing, "FileIO", Torn)
        patch.setattr(storage.warc_erasing.os, "fsync", sync)
        with pytest.raises(KeyboardInterrupt):
            withdraw(archive, erase=True)
    with pytest.raises(ArticleWithdrawn, match="unfinished"):
        archive.version(URL)
    assert [act.finished_at for act in archive.withdrawals()] == [None]
    withdraw(archive, url=OTHER, erase=calls == 5)  # the next one will do
    if calls != 5:
        archive.restore(OTHER, "kept", by="li")
        withdraw(archive, erase=True)
        check_others(archive)
    assert SECRET.encode() not in stored_bytes(archive, tmp_path, archive_url)
    assert all(act.finished_at for act in archive.withdrawals())


def test_a_missing_file_leaves_the_erasure_to_be_finished(archive: Archive, tmp_path: Path) -> None:
    fill(archive)
    (path,) = (tmp_path / "warc").iterdir()
    path.rename(tmp_path / "elsewhere")
    with pytest.raises(CaptureUnreadable, match=r"not erased yet; .*cannot read"):
        withdraw(archive, erase=True)
    assert [act.finished_at for act in archive.withdrawals()] == [None]
    (tmp_path / "elsewhere").rename(path)
    withdraw(archive, erase=True)
    check_others(archive)


def test_a_record_of_another_capture_is_never_overwritten(archive: Archive, tmp_path: Path) -> None:
    fill(archive)
    row = archive.captures()[0]
    path = tmp_path / "warc" / row.warc_file
    before = path.read_bytes()
    for offset, length in ((row.warc_offset, row.warc_length), (row.warc_offset + 1, 300)):
        with pytest.raises(CaptureUnreadable):
            erase_capture(path.parent, path.name, offset, length, "<urn:uuid:another>")
    assert path.read_bytes() == before


def test_a_log_that_a_reader_holds_is_not_said_to_be_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.opening.LOCK_SECONDS", 0.1)
    path = tmp_path / "archive.db"
    with Archive.open(path, create=True) as archive, Archive.open(path) as reader:
        fill(archive)
        with reader._engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM blocks")).scalar()
            with pytest.raises(ArchiveUnusable, match="still hold"):
                withdraw(archive, erase=True)
        assert archive.withdrawals()[0].finished_at is None
        withdraw(archive, erase=True)
        assert archive.withdrawals()[0].finished_at is not None


# -- the command ----------------------------------------------------------------------------------


@pytest.fixture
def jiedu(
    archive_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    """Run `jiedu` on the test's archive; its exit status, output and errors."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        options = ["--archive", archive_url, "--warc", str(tmp_path / "warc")]
        monkeypatch.setattr(sys, "argv", ["jiedu", *options, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_the_commands_withdraw_list_and_restore(
    jiedu: Callable[..., tuple[int, str, str]], archive: Archive
) -> None:
    fill(archive)
    assert "nothing" in jiedu("withdrawals")[1]
    assert jiedu("withdraw", URL)[0] == jiedu("withdraw", URL, "--reason", " ")[0] == 2
    assert jiedu("withdraw", URL, "--reason", WHY, "--erase", "--restore")[0] == 2
    done = jiedu("withdraw", URL, "--reason", WHY, "--by", "wang")
    assert done == (0, f"{URL} is withdrawn\n", "")
    for command in ("show", "versions"):
        status, output, errors = jiedu(command, URL)
        assert (status, output, errors.count("\n")) == (1, "", 1)
        assert f"jiedu: {URL} was withdrawn on " in errors
        assert f"by wang: {WHY}" in errors
        assert SECRET not in errors
    assert jiedu("withdraw", "--restore", URL, "--reason", "back")[:2] == (
        0,
        f"{URL} is restored\n",
    )
    assert SECRET in jiedu("show", URL)[1]
    listed = jiedu("withdrawals")[1].splitlines()[1:]
    assert [line.split()[3] for line in listed] == ["withdraw", "restore"]
    assert WHY in listed[0]


def test_the_command_erases_only_when_told_so(
    jiedu: Callable[..., tuple[int, str, str]], archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)
    erase = ("withdraw", URL, "--reason", WHY, "--erase")
    status, _, errors = jiedu(*erase)
    assert (status, errors.count("\n")) == (1, 1)
    assert "--yes" in errors
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question: False)
    assert "nothing was done" in jiedu(*erase)[2]
    assert archive.withdrawals() == []
    assert jiedu(*erase, "--yes") == (0, f"{URL} is withdrawn and erased\n", "")
    assert "; erased on " in jiedu("show", URL)[2]
