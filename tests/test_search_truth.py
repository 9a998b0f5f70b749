"""Search finds exactly what a look at every text finds, on both backends."""

from collections.abc import Iterator

import pytest

from storage import Archive, Query
from tests.records import capture
from tests.search_corpus import Asked, Corpus, Made, Truth, as_article, make_queries
from tests.search_loading import load


def add_visits(archive: Archive, articles: list[Made]) -> None:
    """Add articles with all their versions, as a crawl does."""
    for article in articles:
        for minute in range(len(article.versions)):
            read = as_article(article, minute)
            # twice: an edit that leaves less than half of the text has to be seen twice
            for again in range(2 if minute else 1):
                body = f"{article.number} {minute}".encode()
                archive.add([capture(body, url=read.url, minute=2 * minute + again)], read)


def differences(archive: Archive, asked: list[Asked]) -> Iterator[str]:
    """Queries whose articles, count or pages are not those expected."""
    for query in asked:
        for versions, expected in (("latest", query.latest), ("all", query.in_all)):
            results = archive.search(Query(query.text, versions=versions))  # type: ignore[arg-type]
            found = results.article_ids()
            if len(found) != len(set(found)) or set(found) != expected:
                yield f"{query.text} ({versions}): {set(found) ^ expected}"
            if results.count() != len(expected):
                yield f"{query.text} ({versions}): counts {results.count()}"
            page = results.page(5)
            if [hit.article_id for hit in page.hits] != found[:5]:
                yield f"{query.text} ({versions}): another first page"


def made(count: int) -> list[Made]:
    corpus = Corpus(characters=120)
    return [corpus.make(number) for number in range(1, count + 1)]


def test_search_finds_what_was_added_visit_by_visit(archive: Archive) -> None:
    articles = made(60)
    add_visits(archive, articles)
    truth = Truth(articles)
    assert list(differences(archive, make_queries(truth, 30, seed=3))) == []


def test_search_finds_what_looking_at_every_text_finds(archive: Archive) -> None:
    articles = made(2000)
    load(archive, articles)
    truth = Truth(articles)
    queries = make_queries(truth, 50)
    assert sum(0 < len(query.latest) < 2000 for query in queries) > 35  # most of them tell
    assert sum(query.latest != query.in_all for query in queries) > 10
    assert list(differences(archive, queries)) == []


@pytest.mark.soak
def test_search_finds_it_among_20_000_articles_too(archive: Archive) -> None:
    articles = made(20_000)
    load(archive, articles)
    assert list(differences(archive, make_queries(Truth(articles), 500, seed=2))) == []
