"""What other processes do meanwhile, step by step; the drills are in the concurrency tests."""

import sqlite3
import uuid
from collections.abc import Callable
from typing import Any

import psycopg.errors
import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import OperationalError

import storage.leases
import storage.transaction
from storage import Archive, ArchiveUnusable, Article, Capture, ReaderMismatch
from storage.rows import insert_new
from storage.schema import CaptureRow, Table
from storage.transaction import write
from tests.records import READER, URL, article, capture

Opener = Callable[..., Archive]


def test_a_lost_race_is_run_again(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(storage.transaction.time, "sleep", waits.append)
    archive.add([capture()], article())
    versions = iter([1, 1, 2])

    def work(connection: Connection) -> int:
        number = next(versions)
        connection.execute(
            text(
                "INSERT INTO versions (article_id, number, digest, captured_at, recorded_at)"
                " VALUES (1, :number, 'd', '2026-03-01', '2026-03-01')"
            ),
            {"number": number},
        )
        return number

    assert write(archive._engine, work) == 2
    assert len(waits) == 2


def test_a_mistake_is_not_taken_for_a_lost_race(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(storage.transaction.time, "sleep", waits.append)
    runs: list[int] = []

    def work(connection: Connection) -> None:
        runs.append(1)
        connection.execute(insert(CaptureRow).values(crawl_id=99))

    with pytest.raises(ArchiveUnusable, match=r"refuses to write: .*(NOT NULL|null value)"):
        write(archive._engine, work)
    assert (len(runs), waits) == (1, [])


def test_a_race_that_is_always_lost_ends(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(storage.transaction.time, "sleep", waits.append)
    deadlock: Exception = psycopg.errors.DeadlockDetected("deadlock detected")
    if archive._engine.dialect.name == "sqlite":
        deadlock = sqlite3.OperationalError("database is locked")
        deadlock.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT  # type: ignore[attr-defined]

    def work(connection: Connection) -> None:
        raise OperationalError("UPDATE", {}, deadlock)

    with pytest.raises(ArchiveUnusable, match=r"deadlock|locked"):
        write(archive._engine, work)
    assert len(waits) == 7
    assert sum(waits) < 10


def test_a_reading_added_by_another_process_meanwhile_is_used(open_archive: Opener) -> None:
    with open_archive() as old:
        old.add([capture()], article())
    other = open_archive()
    better = article(reader="2+aaaaaaaa")

    def reread(portal: str | None, captures: object) -> Article:
        other.add_reading(1, better)  # another process is quicker
        return better

    new = open_archive(reread=reread)
    added = new.add([capture(minute=1)], better)
    assert (added.state, added.version) == ("unchanged", 1)
    assert new.version(URL).readers == (READER, "2+aaaaaaaa")


def test_a_version_added_by_another_process_meanwhile_is_reread(open_archive: Opener) -> None:
    with open_archive() as old:
        old.add([capture()], article())
    edited = "另一篇文字，长短相仿，说的是另一件事情。" * 4
    other = open_archive()
    rounds: list[int] = []

    def reread(portal: str | None, captures: list[Capture]) -> Article:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            other.add([capture(b"two", minute=1)], article(edited))
            return article(reader="2+aaaaaaaa")
        return article(edited, reader="2+aaaaaaaa")

    new = open_archive(reread=reread)
    added = new.add([capture(b"two", minute=2)], article(edited, reader="2+aaaaaaaa"))
    assert (added.state, added.version, rounds) == ("unchanged", 2, [0, 1])
    assert new.counts()["versions"] == 2


def test_a_reading_added_between_refusal_and_rereading_is_used(
    open_archive: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_archive() as old:
        old.add([capture()], article())
    edited = "另一篇文字，长短相仿，说的是另一件事情。" * 4
    todays = article(edited, reader="2+aaaaaaaa")
    other = open_archive()
    new = open_archive(reread=lambda portal, captures: article(reader="2+aaaaaaaa"))
    reread_latest = new._reread_latest
    rounds: list[int] = []

    def meanwhile(told: Article, visit: tuple[Capture, ...]) -> object:
        rounds.append(len(rounds))
        if len(rounds) == 2:
            other.add_reading(2, todays)
        found = reread_latest(told, visit)
        if len(rounds) == 1:
            other.add([capture(b"two", minute=1)], article(edited))
        return found

    monkeypatch.setattr(new, "_reread_latest", meanwhile)
    added = new.add([capture(b"two", minute=2)], todays)
    assert (added.state, added.version, rounds) == ("unchanged", 2, [0, 1])


def test_without_rules_another_reader_is_refused_at_once(open_archive: Opener) -> None:
    archive = open_archive()
    archive.add([capture()], article())
    archive.add([capture(minute=1)], None, failure="not read")
    ((number, _, _),) = archive.unread_visits()
    with pytest.raises(ReaderMismatch):
        archive.place_visit(number, article(reader="2+x"))
    assert len(list(archive.unread_visits())) == 1


def test_a_lease_given_back_while_it_is_asked_for_is_taken(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []

    def insert_late(connection: Connection, table: type[Table], rows: list[dict[str, Any]]) -> None:
        tries.append(rows)
        if len(tries) > 1:  # the first time its holder still has it, and then no more
            insert_new(connection, table, rows)

    monkeypatch.setattr(storage.leases, "insert_new", insert_late)
    token = uuid.uuid4()
    with archive.engine.execution_options(writes=True).begin() as connection:
        assert storage.leases.take(connection, "example", token) is None
    assert [lease.portal for lease in archive.leases()] == ["example"]
    assert len(tries) == 2
