"""Processes that move, list, edit, remove and re-read the same few articles at once."""

import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

import tests.test_storage_concurrency as together
from storage import Archive, Article, Listed
from storage.schema import AliasRow, ArticleRow
from storage.warc_reading import iterate
from tests.records import BODY, article, capture

SMALL = pytest.param(3, 25, id="small")
FULL = pytest.param(8, 250, id="full", marks=pytest.mark.soak)
ARTICLES = 3
PLACES = 3  # addresses an article moves between
READERS = ("1+aaaaaaaa", "2+aaaaaaaa")


def address(number: int, place: int) -> str:
    return f"http://news.example.cn/{place}/{number}.html"


def told(number: int, place: int, edition: int, reader: str) -> Article:
    text = f"第{number}篇第{edition}稿。"
    return article(*BODY, text, url=address(number, place), reader=reader)


def disturb(archive_url: str, folder: str, steps: int, process: int) -> Counter[str]:
    """Do ``steps`` things to the articles, drawn by a chance of the process's own."""
    chance = random.Random(process)
    states: Counter[str] = Counter()

    def reread(portal: str | None, captures: object) -> Article:
        return told(0, 0, 0, READERS[process % 2])

    with Archive.open(archive_url, warc=folder, reread=reread) as archive:
        together._start.wait(timeout=60)
        for minute in range(steps):
            number, place, edition = (chance.randrange(n) for n in (ARTICLES, PLACES, 4))
            url = address(number, place)
            page = capture(f"{number} {edition}".encode(), url=url, minute=minute)
            match chance.choice(["visit", "visit", "move", "list", "gone", "unread", "place"]):
                case "visit":
                    added = archive.add([page], told(number, place, edition, READERS[process % 2]))
                case "move":
                    asked = address(number, chance.randrange(PLACES))
                    hop = capture(b"", url=asked, status=301, page=None, minute=minute)
                    added = archive.add(
                        [hop, page], told(number, place, edition, READERS[process % 2])
                    )
                case "list":
                    links = [Listed(url=address(n, p)) for n in range(9) for p in range(PLACES)]
                    chance.shuffle(links)
                    archive.list_urls("example", "http://news.example.cn/", links)
                    continue
                case "gone":
                    added = archive.add([capture(b"404", url=url, status=404, minute=minute)], None)
                case "unread":
                    added = archive.add([page], None, failure="not read")
                case _:
                    for visit, _, _ in list(archive.unread_visits())[:1]:
                        archive.place_visit(
                            visit, told(number, place, edition, READERS[process % 2])
                        )
                    continue
            states[added.state] += len(added.capture_ids)
    return states


@pytest.mark.parametrize(("processes", "steps"), [SMALL, FULL])
def test_the_archive_stays_sound(
    archive_url: str, tmp_path: Path, processes: int, steps: int
) -> None:
    states = together.run_together(disturb, processes, archive_url, str(tmp_path / "warc"), steps)
    with Archive.open(archive_url, warc=tmp_path / "warc") as archive:
        assert archive.counts()["captures"] == sum(sum(states, Counter()).values())
        for found in archive.articles():
            numbers = [version.number for version in archive.versions(found.id)]
            assert numbers == list(range(1, len(numbers) + 1))
            assert archive.article(found.url).id == found.id
            assert found.url not in found.aliases
        with archive._engine.connect() as connection:
            own = set(connection.scalars(select(ArticleRow.url_key)))
            aliases = connection.scalars(select(AliasRow.url_key)).all()
        assert not own & set(aliases)  # no address leads to two articles
        for row in archive.captures():
            assert archive.read_capture(row.id).url == row.url
        listed = {found.url for found in archive.pending_urls("example")}
        assert all(not archive.captures(url) for url in listed if url in own)
        for path in (tmp_path / "warc").iterdir():
            list(iterate(path))
