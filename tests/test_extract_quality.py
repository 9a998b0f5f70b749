"""The quality floor: how well pages of our own are read without any rule for their site.

Not a copy of the benchmark, which needs the corpora; it is the gate that every change must pass.
``pytest -s`` prints the figures.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean

import pytest

from crawler.extract import ExtractionError, extract
from storage import Article
from tests.quality_pages import FRAMED, ORDERS, QualityPage, quality_pages, squash

LEAST_PAGES = 200
MEAN_F1, LEAST_F1 = 0.99, 0.9
FIELD_ACCURACY = 0.98
SHINGLE = 4  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page and the article read from it, ``None`` when there was none to read."""

    page: QualityPage
    article: Article | None


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    return [Reading(page=page, article=_read(page)) for page in quality_pages()]


def _read(page: QualityPage) -> Article | None:
    try:
        return extract(page.body, url=page.url, content_type=page.content_type)
    except ExtractionError:
        return None


def shingle_f1(gold: str, found: str) -> float:
    """How far two texts agree, 0 to 1: F1 of their runs of four characters, each as often as it is.

    White space does not count. As in the article-extraction-benchmark, whose runs are of words;
    Chinese has none, so they are of characters.
    """
    wanted, given = (_shingles(squash(text)) for text in (gold, found))
    shared = (wanted & given).total()
    return 2 * shared / (wanted.total() + given.total()) if shared else float(wanted == given)


def _shingles(text: str) -> Counter[str]:
    return Counter(text[at : at + SHINGLE] for at in range(max(len(text) - SHINGLE + 1, 1)))


def _title(page: QualityPage, article: Article) -> bool:
    return squash(article.title or "") == squash(page.title)


def _posted_at(page: QualityPage, article: Article) -> bool:
    """At precision ``day`` the time part means nothing."""
    length = len("2024-05-06") if page.posted_precision == "day" else None
    found = article.posted_at.isoformat() if article.posted_at else ""
    is_as_precise = article.posted_precision == page.posted_precision
    return is_as_precise and found[:length] == page.posted_at[:length]


def _source(page: QualityPage, article: Article) -> bool:
    return article.source == page.source


def _byline(page: QualityPage, article: Article) -> bool:
    return squash(article.byline or "") == squash(page.byline or "")


def _authors(page: QualityPage, article: Article) -> bool:
    return article.authors == page.authors


FIELDS: dict[str, Callable[[QualityPage, Article], bool]] = {
    "title": _title,
    "posted_at": _posted_at,
    "source": _source,
    "byline": _byline,
    "authors": _authors,
}


@pytest.mark.parametrize(
    ("gold", "found", "f1"),
    [
        ("一二三四五", "一二 三四\n五", 1.0),
        ("一二三四五", "", 0.0),
        ("一二三四五", "六七八九十", 0.0),
        ("一二三四五", "一二三四六", 0.5),
        ("一二三四", "一二三四一二三四", 2 / 6),
        ("", "", 1.0),
    ],
)
def test_the_score_counts_runs_of_characters(gold: str, found: str, f1: float) -> None:
    assert shingle_f1(gold, found) == pytest.approx(f1)


def test_pages_are_many_different_and_always_the_same() -> None:
    pages = quality_pages()
    assert len(pages) >= LEAST_PAGES
    assert len({page.body for page in pages}) == len(pages)
    assert pages == quality_pages()
    assert {page.name.rpartition(" ")[2] for page in pages[-FRAMED:]} == set(ORDERS)
    for field in ("source", "byline", "authors"):
        assert sum(bool(getattr(page, field)) for page in pages) >= LEAST_PAGES / 4


def test_every_page_shows_lines_that_are_not_its_articles() -> None:
    for page in quality_pages():
        assert len(page.noise) >= 6, page.name
        assert not any(line in squash(page.title + page.text) for line in page.noise)


def test_bodies_are_read_above_the_floor(
    readings: list[Reading], record_property: Callable[[str, object], None]
) -> None:
    scores = {
        reading.page.name: shingle_f1(reading.page.text, reading.article.text)
        if reading.article
        else 0.0
        for reading in readings
    }
    average = mean(scores.values())
    lowest = sorted(scores.items(), key=lambda item: item[1])[:5]
    record_property("body_f1", round(average, 4))
    record_property("lowest", lowest)
    print(f"\n{len(scores)} pages, body F1 {average:.4f}, lowest {lowest}")
    assert average >= MEAN_F1, lowest
    assert lowest[0][1] >= LEAST_F1, lowest


@pytest.mark.parametrize("field", FIELDS)
def test_fields_are_read_above_the_floor(
    field: str, readings: list[Reading], record_property: Callable[[str, object], None]
) -> None:
    """Of the pages that state it or on which it was read: what is made up counts as wrong."""
    stated = [r for r in readings if getattr(r.page, field) or getattr(r.article, field, None)]
    wrong = [
        (reading.page.name, getattr(reading.page, field), getattr(reading.article, field, None))
        for reading in stated
        if reading.article is None or not FIELDS[field](reading.page, reading.article)
    ]
    accuracy = 1 - len(wrong) / len(stated)
    record_property(field, round(accuracy, 4))
    print(f"\n{field}: {accuracy:.4f} of {len(stated)}")
    assert accuracy >= FIELD_ACCURACY, wrong[:5]


def test_no_known_boilerplate_is_let_through(
    readings: list[Reading], record_property: Callable[[str, object], None]
) -> None:
    passed = [
        (reading.page.name, line)
        for reading in readings
        if reading.article
        for text in [squash("".join(block.text for block in reading.article.blocks))]
        for line in reading.page.noise
        if line in text
    ]
    count = sum(len(reading.page.noise) for reading in readings)
    record_property("boilerplate_lines", f"{len(passed)} of {count}")
    print(f"\n{len(passed)} of {count} boilerplate lines let through")
    assert passed == []
