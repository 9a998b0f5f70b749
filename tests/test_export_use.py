"""`jiedu export` and `jiedu verify` in use: errors, full disks, running crawls, other programs."""

import datetime as dt
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import datasets
import duckdb
import pandas
import polars
import pyarrow.parquet as pq
import pytest
from frictionless import Package, system

from storage import (
    Archive,
    ArchiveUnusable,
    CaptureUnreadable,
    DatasetUnusable,
    Query,
    QueryError,
    verify_dataset,
)
from storage.clock import now
from storage.export import formats
from storage.export.columns import BY_NAME, TABLES
from storage.record import SHANGHAI
from tests.backends import chiefly_sqlite
from tests.export_history import begin, made, url
from tests.records import capture

Opener = Callable[..., Archive]
Jiedu = Callable[..., tuple[int, str, str]]

datasets.disable_progress_bars()


@pytest.fixture
def filled(archive: Archive) -> Archive:
    begin(archive)
    return archive


def leftovers(folder: Path) -> list[str]:
    """What stands in a folder beside the archive's own files."""
    return [path.name for path in folder.iterdir() if "out" in path.name]


# -- moments --------------------------------------------------------------------------------------


def test_a_moment_that_cannot_be_told_is_refused(filled: Archive, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="still to come"):
        filled.export(tmp_path / "out", as_of=now() + dt.timedelta(hours=1))
    with pytest.raises(QueryError, match="no time zone"):
        filled.export(tmp_path / "out", as_of=dt.datetime(2026, 1, 1))  # noqa: DTZ001
    assert leftovers(tmp_path) == []


def test_what_a_running_crawl_can_still_write_is_not_told(
    open_archive: Opener, tmp_path: Path
) -> None:
    reader, writer = open_archive(), open_archive()
    begin(reader)
    reader.finish_crawl("finished", {})
    before = now()
    writer.begin_crawl("crawl", "example")
    with pytest.raises(QueryError, match=r"run 2 \(crawl example\) has been writing since"):
        reader.export(tmp_path / "out", as_of=now())
    assert leftovers(tmp_path) == []
    writer.add([capture(url=url(20), minute=99)], made(20, "一篇新的。"))
    known = reader.export(tmp_path / "out-1")  # without a moment: the last one that can be told
    assert before <= known.as_of < writer.crawls()[-1].started_at
    assert known.articles == 9
    assert reader.export(tmp_path / "out-2", as_of=before).articles == 9
    writer.finish_crawl("finished", {})
    assert reader.export(tmp_path / "out-3").articles == 10
    assert reader.export(tmp_path / "out-4", as_of=known.as_of).articles == 9


def test_a_session_that_adds_a_reading_can_still_write(
    open_archive: Opener, tmp_path: Path
) -> None:
    reader, writer = open_archive(), open_archive(warc=None)  # it needs no WARC files
    begin(reader)
    reader.finish_crawl("finished", {})
    better = made(8, "规则会变的一篇，讲数据。", reader="2+better00")
    assert writer.add_reading(reader.version(url(8)).id, better)
    with pytest.raises(QueryError, match=r"run 2 \(python\) has been writing since"):
        reader.export(tmp_path / "out", as_of=now())
    writer.close()
    assert reader.export(tmp_path / "out", as_of=now()).articles == 9


def test_a_killed_crawl_holds_nothing_up(archive: Archive, tmp_path: Path) -> None:
    program = (
        "import os, sys; from storage import Archive; a = Archive.open(sys.argv[1],"
        " warc=sys.argv[2]); a.begin_crawl('crawl', 'example'); os._exit(9)"
    )
    place = archive.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", program, place, str(tmp_path / "warc")], check=False, timeout=120
    )
    assert done.returncode == 9
    assert archive.crawls()[-1].finished_at is None
    begin(archive)
    assert archive.export(tmp_path / "out").articles == 9


def test_a_session_that_is_closed_holds_nothing_up(open_archive: Opener, tmp_path: Path) -> None:
    session = open_archive()
    begin(session)
    session.close()
    reader = open_archive()
    assert reader.crawls()[-1].outcome == "finished"
    assert reader.export(tmp_path / "out").articles == 9


# -- bad input ------------------------------------------------------------------------------------


def test_nothing_is_written_over(filled: Archive, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert filled.export(tmp_path / "out").articles == 9  # an empty folder will do
    with pytest.raises(DatasetUnusable, match="is not empty; name a new folder"):
        filled.export(tmp_path / "out")
    (tmp_path / "out-file").write_text("mine")
    with pytest.raises(DatasetUnusable, match="is not empty"):
        filled.export(tmp_path / "out-file")
    with pytest.raises(DatasetUnusable, match="cannot write"):
        filled.export(tmp_path / "out-file" / "below")
    assert (tmp_path / "out-file").read_text() == "mine"


def test_what_makes_no_sense_is_refused(filled: Archive, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="it can be parquet, jsonl, csv, warc"):
        filled.export(tmp_path / "out", format="xlsx")
    with pytest.raises(QueryError, match="hold the full pages"):
        filled.export(tmp_path / "out", format="warc")
    with pytest.raises(QueryError, match="unknown field"):
        filled.export(tmp_path / "out", "nothing:here")
    with pytest.raises(DatasetUnusable, match="cannot read"):
        filled.export(tmp_path / "out", since=tmp_path / "nowhere")
    (tmp_path / "odd.json").write_text('{"form": 1}')
    with pytest.raises(DatasetUnusable, match="is no manifest"):
        filled.export(tmp_path / "out", since=tmp_path / "odd.json")
    filled.export(tmp_path / "old", "养老", format="csv")
    for other, of in (("query", {"query": "数据"}), ("format", {"format": "jsonl"})):
        with pytest.raises(QueryError, match=f"another {other}"):
            filled.export(
                tmp_path / "out",
                **({"query": "养老", "format": "csv", "since": tmp_path / "old"} | of),
            )
    assert leftovers(tmp_path) == []


@chiefly_sqlite
def test_an_increment_of_another_archive_or_release_is_refused(
    filled: Archive, tmp_path: Path
) -> None:
    filled.finish_crawl("finished", {})
    filled.export(tmp_path / "old", format="csv")
    with Archive.open(tmp_path / "other.db", create=True) as other:
        for number in (1, 2):
            other.add([capture(url=url(number))], made(number, "另一个档案。"))
        other.finish_crawl("finished", {})
        other.export(tmp_path / "its", "title:第1篇", format="csv")
        with pytest.raises(QueryError, match="the earlier dataset is of another archive"):
            other.export(tmp_path / "out", format="csv", since=tmp_path / "old")
    with pytest.raises(QueryError, match="the earlier dataset is of another archive"):
        filled.export(tmp_path / "out", "title:第1篇", format="csv", since=tmp_path / "its")
    manifest = tmp_path / "old/manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"articles": 5}))
    with pytest.raises(QueryError, match=r"has 5 articles, and this archive tells 9 "):
        filled.export(tmp_path / "out", format="csv", since=tmp_path / "old")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"tool": "jiedu 0.0.1"}))
    with pytest.raises(QueryError, match=r"another tool \(jiedu 0\.0\.1, not jiedu "):
        filled.export(tmp_path / "out", format="csv", since=tmp_path / "old")
    assert leftovers(tmp_path) == []


def test_odd_places_and_moments_are_one_line(
    filled: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for written in ("0001-01-01T00:00+12:00", "9999-12-31T23:59-12:00", "9999-12-31T23:59+00:00"):
        with pytest.raises(QueryError, match="no time that UTC can express"):
            filled.export(tmp_path / "out", as_of=dt.datetime.fromisoformat(written))
    long_ago = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    assert filled.export(tmp_path / "out-1", as_of=long_ago).articles == 0
    for name in ("x" * 300, "nul\0"):
        with pytest.raises(DatasetUnusable):
            filled.export(tmp_path / name)
        with pytest.raises(DatasetUnusable):
            filled.export(tmp_path / "out", since=tmp_path / name)
        with pytest.raises(DatasetUnusable):
            verify_dataset(tmp_path / name)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(DatasetUnusable, match="a folder of its own"):
        filled.export(".")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    monkeypatch.chdir(tmp_path)
    filled.export("link", Query("\udcff"))
    assert (tmp_path / "empty/manifest.json").exists()
    assert (tmp_path / "link").is_symlink()
    with pytest.raises(QueryError):
        filled.export(tmp_path / "a/b/out", as_of=now() + dt.timedelta(1))
    with pytest.raises(Exception, match="hold the full pages"):
        filled.export(tmp_path / "a/b/out", format="warc")
    assert not (tmp_path / "a").exists()


@chiefly_sqlite
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("files", [{"path": 1, "bytes": 1, "sha256": "", "table": None, "rows": None}]),
        ("files", [{"path": "x", "bytes": 1, "sha256": "", "table": ["a"], "rows": "5"}]),
        ("files", None), ("files", [1]), ("tables", []), ("tables", {"articles": "5"}),
        ("as_of", "0001-01-01T00:00:00+12:00"), ("as_of", "2026-01-01"), ("as_of", 5),
        ("query", []), ("articles", None), ("form", 2), ("more", 1),
    ],
)  # fmt: skip
def test_a_manifest_made_by_hand_is_refused(
    filled: Archive, tmp_path: Path, name: str, value: object
) -> None:
    filled.export(tmp_path / "old", "没有的词", format="csv")
    fields = json.loads((tmp_path / "old/manifest.json").read_text())
    (tmp_path / "old/manifest.json").write_text(json.dumps(fields | {name: value}))
    with pytest.raises(DatasetUnusable, match=r"is no manifest|another release"):
        verify_dataset(tmp_path / "old")
    (tmp_path / "old/manifest.json").write_text("[" * 100_000)
    with pytest.raises(DatasetUnusable, match="is no manifest"):
        filled.export(tmp_path / "out", since=tmp_path / "old")


def test_damaged_warc_files_make_no_dataset(filled: Archive, tmp_path: Path) -> None:
    filled.finish_crawl("finished", {})
    (path,) = (tmp_path / "warc").iterdir()
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(CaptureUnreadable, match="at offset"):
        filled.export(tmp_path / "out", format="warc", with_text=True)
    path.write_bytes(b"")
    with pytest.raises(CaptureUnreadable, match="ends before offset"):
        filled.export(tmp_path / "out", format="warc", with_text=True)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv", "warc"])
@chiefly_sqlite
def test_a_disk_that_is_full_leaves_nothing(
    filled: Archive, tmp_path: Path, form: str, small_disk: None
) -> None:
    with pytest.raises(DatasetUnusable, match=r"cannot write .*; nothing of it is left"):
        filled.export(tmp_path / "out", format=form, with_text=True)
    assert leftovers(tmp_path) == []


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that has no room when a finished file is to be brought down to it."""
    calls = 0
    sync = os.fsync

    def refuse(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(formats.os, "fsync", refuse)
    yield
    monkeypatch.setattr(formats.os, "fsync", sync)


@chiefly_sqlite
def test_no_room_in_the_middle_of_a_file_leaves_nothing(archive: Archive, tmp_path: Path) -> None:
    """A limit of the system on the size of files, as a disk would set one."""
    for number in range(40):
        archive.add(
            [capture(url=url(number), minute=number)], made(number, *(f"{number} 长 " * 500,) * 4)
        )
    archive.close()
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        "from storage.cli.app import main; main()"
    )
    place = archive.engine.url.render_as_string(hide_password=False)
    for name in ("jsonl", "csv"):
        folder, form = tmp_path / f"out-{name}", ("--format", name, "--with-text")
        done = subprocess.run(
            [sys.executable, "-c", program, "--archive", place, "export", str(folder), *form],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 1, done.stdout
        (line,) = done.stderr.strip().splitlines()
        assert "File too large; nothing of it is left" in line
    assert leftovers(tmp_path) == []


# -- verifying ------------------------------------------------------------------------------------


@chiefly_sqlite
def test_verify_tells_what_is_not_as_it_was_written(filled: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    manifest = filled.export(folder, format="csv")
    assert verify_dataset(folder) == (manifest, [])
    assert verify_dataset(folder / "manifest.json") == (manifest, [])
    whole = (folder / "articles.csv").read_bytes()
    (folder / "articles.csv").write_bytes(whole.replace(b"example", b"exbmple", 1))
    (folder / "blocks.csv").unlink()
    (folder / "captures.csv").write_bytes((folder / "captures.csv").read_bytes()[:-5])
    (folder / "notes.txt").write_text("mine")
    faults = verify_dataset(folder)[1]
    assert [fault.partition(":")[0] for fault in faults] == [
        "articles.csv", "blocks.csv", "captures.csv", "notes.txt",
    ]  # fmt: skip
    assert faults[0].endswith("its bytes do not fit their SHA-256")
    assert faults[1].endswith("is missing")
    assert faults[3].endswith("is not in the manifest")
    fields = json.loads((folder / "manifest.json").read_text())
    fields["tables"]["versions"] += 1
    (folder / "manifest.json").write_text(json.dumps(fields))
    assert any(
        fault.startswith("versions: the manifest says") for fault in verify_dataset(folder)[1]
    )
    fields["files"][0]["path"] = "../archive.db"
    (folder / "manifest.json").write_text(json.dumps(fields))
    assert any("outside the dataset" in fault for fault in verify_dataset(folder)[1])


# -- the command line -----------------------------------------------------------------------------


@pytest.fixture
def jiedu(filled: Archive, capsys: pytest.CaptureFixture[str], monkeypatch: object) -> Jiedu:
    """Run `jiedu` on the filled archive: exit status, output, errors."""
    from storage.cli.app import main

    filled.finish_crawl("finished", {})
    place = filled.engine.url.render_as_string(hide_password=False)
    folder = filled.warc_folder

    def run(*arguments: str) -> tuple[int, str, str]:
        assert isinstance(monkeypatch, pytest.MonkeyPatch)
        monkeypatch.setattr(
            sys, "argv", ["jiedu", "--archive", place, "--warc", str(folder), *arguments]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP], ids=lambda sent: sent.name)
@chiefly_sqlite
def test_a_signal_in_the_middle_leaves_nothing(
    jiedu: Jiedu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    sync = os.fsync
    met: list[str] = []

    def stop(descriptor: int) -> None:
        met.extend(leftovers(tmp_path))
        os.kill(os.getpid(), sent)
        sync(descriptor)

    monkeypatch.setattr(formats.os, "fsync", stop)
    before = signal.signal(sent, signal.SIG_DFL)  # the tests themselves may run under nohup
    try:
        status, _, _ = jiedu("export", str(tmp_path / "out"))
        assert signal.getsignal(sent) is signal.SIG_DFL
    finally:
        signal.signal(sent, before)
    assert status == 128 + sent
    assert met, "nothing was there to be left"
    assert leftovers(tmp_path) == []


@chiefly_sqlite
def test_a_closed_terminal_ends_nothing_under_nohup(
    jiedu: Jiedu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def hang_up(descriptor: int) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        sync(descriptor)

    monkeypatch.setattr(formats.os, "fsync", hang_up)
    usual = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        assert jiedu("export", str(tmp_path / "out"))[0] == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, usual)
    assert verify_dataset(tmp_path / "out")[1] == []


@chiefly_sqlite
def test_the_command_line(jiedu: Jiedu, filled: Archive, tmp_path: Path) -> None:
    status, out, err = jiedu("export", str(tmp_path / "out"), "养老", "--format", "csv")
    assert (status, err) == (0, "")
    assert "articles\t3" in out  # 1, 4 and 7
    stated = out.strip().rpartition(" ")[2]
    status, out, _ = jiedu("verify", str(tmp_path / "out"))
    assert status == 0
    assert "out is whole: 12 files" in out
    again = jiedu("export", str(tmp_path / "out-2"), "养老", "--format", "csv", "--as-of", stated)
    assert again[0] == 0
    assert (tmp_path / "out-2/manifest.json").read_text() == (
        tmp_path / "out/manifest.json"
    ).read_text()
    by_option = jiedu("export", str(tmp_path / "out-3"), "--gone", "--portal", "example")
    assert "articles\t1" in by_option[1]
    status, out, _ = jiedu(
        "export",
        str(tmp_path / "out-4"),
        "养老",
        "--format",
        "csv",
        "--since",
        str(tmp_path / "out"),
    )
    assert (status, "articles\t0" in out, "removed\t0" in out) == (0, True, True)
    today = now().astimezone(SHANGHAI).date()
    for arguments, expected, said in (
        (("--as-of", "soon"), 2, "write 2026-03-01"),
        (("--as-of", f"{today}"), 2, "still to come"),
        (("--format", "xlsx"), 2, "xlsx"),
        (("--format", "warc"), 2, "hold the full pages"),
        (("--since", str(tmp_path / "nowhere")), 1, "cannot read"),
        (("'unbalanced",), 0, ""),
        (('"unbalanced',), 2, "quote"),
    ):
        status, _, err = jiedu("export", str(tmp_path / "out-5"), *arguments)
        assert (status, said in err) == (expected, True), (arguments, err)
        assert "Traceback" not in err
    status, _, err = jiedu("export", str(tmp_path / "out"))
    assert (status, "is not empty" in err) == (1, True)
    assert jiedu("verify", str(tmp_path))[0] == 1
    (tmp_path / "out/articles.csv").unlink()
    status, out, _ = jiedu("verify", str(tmp_path / "out"))
    assert (status, out) == (1, "articles.csv: is missing\n")


# -- in other programs ----------------------------------------------------------------------------


@chiefly_sqlite
def test_parquet_loads_everywhere_with_the_same_numbers(filled: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    tables = filled.export(folder).tables
    assert tables["articles"] == filled.search(Query()).count() == 9
    for name, rows in tables.items():
        pattern = f"{folder}/{name}/**/*.parquet"
        assert len(pandas.read_parquet(folder / name)) == rows, name
        assert polars.read_parquet(pattern).height == rows, name
        found = duckdb.sql(f"SELECT count(*) FROM read_parquet('{pattern}')").fetchall()
        assert found == [(rows,)], name
        if rows:
            loaded = datasets.load_dataset(str(folder), name, cache_dir=str(tmp_path / "cache"))
            assert loaded["train"].num_rows == rows, name
    frame = pandas.read_parquet(folder / "articles")
    assert set(frame["portal"]) == {"example"}
    assert frame.set_index("article_id").loc[1, "authors"].tolist() == ["王芳"]
    assert str(frame["captured_at"].dtype) == "datetime64[us, UTC]"
    (path,) = (folder / "articles").rglob("*.parquet")
    described = pq.read_schema(path).field("digest").metadata[b"description"].decode()
    assert described.startswith("SHA-256 of the content")


@chiefly_sqlite
def test_lines_load_everywhere_with_the_same_numbers(filled: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    tables = filled.export(folder, format="jsonl", with_text=True).tables
    for name, rows in tables.items():
        path = folder / f"{name}.jsonl"
        if rows == 0:
            assert path.read_bytes() == b""
            continue
        assert len(pandas.read_json(path, lines=True)) == rows, name
        assert polars.read_ndjson(path, infer_schema_length=None).height == rows, name
        found = duckdb.sql(f"SELECT count(*) FROM read_json('{path}')").fetchall()
        assert found == [(rows,)], name
        loaded = datasets.load_dataset(
            "json", data_files=str(path), cache_dir=str(tmp_path / "cache")
        )
        assert loaded["train"].num_rows == rows, name


@chiefly_sqlite
def test_a_column_that_is_empty_at_first_loads(archive: Archive, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        read = replace(made(number, "一段正文。"), kicker="肩题" if number == 3 else None)
        archive.add([capture(url=url(number), minute=number)], read)
    archive.finish_crawl("finished", {})
    archive.export(tmp_path / "out", format="jsonl")
    loaded = datasets.load_dataset(
        str(tmp_path / "out"), "articles", cache_dir=str(tmp_path / "cache"), chunksize=1
    )["train"]
    assert list(loaded["kicker"]) == [None, None, "肩题"]
    types = {name: of.dtype for name, of in loaded.features.items() if hasattr(of, "dtype")}
    assert (types["reprint_cluster"], types["published_date"]) == ("int64", "date32")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
@chiefly_sqlite
def test_the_data_package_is_valid(filled: Archive, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "out"
    manifest = filled.export(folder, format=form, with_text=True)
    descriptor = json.loads((folder / "datapackage.json").read_text())
    assert list(Package.metadata_validate(descriptor)) == []
    named = [resource["name"].partition("-")[0] for resource in descriptor["resources"]]
    assert list(dict.fromkeys(named)) == list(manifest.tables)
    with system.use_context(trusted=True):
        package = Package(str(folder / "datapackage.json"))
        if form == "csv":  # then the rows fit the schema too
            report = package.validate()
            assert report.valid, report.flatten(["name", "message"])
        if form != "jsonl":  # which it reads with another package
            read = dict.fromkeys(manifest.tables, 0)
            for name, resource in zip(named, package.resources, strict=True):
                read[name] += len(resource.read_rows())
            assert read == manifest.tables
    for name, rows in manifest.tables.items():
        assert f"## {name}\n" in (folder / "codebook.md").read_text()
        assert f"| {name} | {rows} |" in (folder / "README.md").read_text()


def test_every_column_is_in_the_codebook_and_in_the_rows(filled: Archive, tmp_path: Path) -> None:
    filled.export(tmp_path / "out", with_text=True)
    told = (tmp_path / "out/codebook.md").read_text()
    for table in TABLES:
        assert set(table.key) <= {column.name for column in table.columns}
        for path in (tmp_path / "out" / table.name).rglob("*.parquet"):
            assert pq.read_schema(path).names == [column.name for column in table.columns]
        for column in table.columns:
            assert f"| {column.name} | " in told
    assert set(BY_NAME) == {table.name for table in TABLES} | {"removed"}


def test_a_server_that_is_away_leaves_nothing(archive: Archive, tmp_path: Path) -> None:
    begin(archive)
    with pytest.raises(ArchiveUnusable):
        _broken(archive).export(tmp_path / "out")
    assert leftovers(tmp_path) == []


def _broken(archive: Archive) -> Archive:
    """The archive, with a table gone in the middle of it."""
    from sqlalchemy import text

    with archive.engine.begin() as connection:
        connection.execute(text("DROP TABLE statements"))
    return archive
