"""The ledger of listed URLs: nothing listed is forgotten, nothing archived is asked again."""

import logging

import pytest

from storage import Archive, Listed
from storage.schedule import MAX_TRIES
from tests.records import URL, article, capture

PAGE = "http://news.example.cn/jiedu/"
OTHER = "http://news.example.cn/jiedu/1002.html"


def pending(archive: Archive) -> list[str]:
    return [listed.url for listed in archive.pending_urls("example")]


def test_what_the_listing_says_comes_back(archive: Archive) -> None:
    link = Listed(url=URL, title="一图读懂", date="2026-03-01", channel="解读")
    assert archive.list_urls("example", PAGE, [link, link]) == 1
    assert archive.pending_urls("example") == [link]
    assert archive.pending_urls("another") == []


def test_an_odd_link_costs_the_others_nothing(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    odd = ["javascript:void(0)", "http://[::1/a", "", "http://x.cn:port/", "mailto:a@x.cn"]
    links = [Listed(url=url) for url in (URL, *odd, OTHER)]
    with caplog.at_level(logging.WARNING):
        assert archive.list_urls("example", PAGE, links) == 2
    assert pending(archive) == [URL, OTHER]
    assert len(caplog.records) == len(odd)


def test_a_sitemap_of_many_thousand_urls_is_listed(archive: Archive) -> None:
    links = [Listed(url=f"http://news.example.cn/{n}.html") for n in range(1_203)]
    assert archive.list_urls("example", PAGE, links) == 1_203
    assert archive.list_urls("example", PAGE, [*links, Listed(url=OTHER)]) == 1
    assert len(pending(archive)) == 1_204


def test_visits_that_succeed_use_up_no_tries(archive: Archive) -> None:
    archive.list_urls("example", PAGE, [Listed(url=URL)])
    for minute in range(MAX_TRIES + 1):
        archive.add([capture(minute=minute)], article())
    assert pending(archive) == []


def test_what_is_archived_stays_done_and_is_visited_sooner_after_a_failure(
    archive: Archive,
) -> None:
    archive.list_urls("example", PAGE, [Listed(url=URL)])
    archive.add([capture()], article())
    due = []
    for minute in range(1, MAX_TRIES + 2):
        archive.add([capture(b"error", minute=minute, status=500)], None, failure="HTTP 500")
        (entry,) = archive.ledger()
        assert (entry.state, entry.tries, entry.failure) == ("done", 0, "HTTP 500")
        recheck_at = archive.article(URL).recheck_at
        assert recheck_at is not None
        due.append(round((recheck_at - capture(minute=minute).captured_at).total_seconds() / 3600))
    assert due == [1, 6, 24, 72, 72, 72]
    assert pending(archive) == []


def test_each_failure_postpones_the_next_try_and_the_last_one_gives_up(archive: Archive) -> None:
    archive.list_urls("example", PAGE, [Listed(url=URL)])
    waits = []
    for minute in range(MAX_TRIES):
        archive.add([capture(minute=minute)], None, failure="no article found")
        (entry,) = archive.ledger()
        if entry.next_try_at and entry.tried_at:
            waits.append(round((entry.next_try_at - entry.tried_at).total_seconds() / 3600))
            assert list(archive.due_urls("example")) == []
    assert waits == [1, 6, 24, 72]
    (given_up,) = archive.ledger("example", ["given_up"])
    assert (given_up.tries, given_up.failure) == (MAX_TRIES, "no article found")
    assert archive.retry_urls(url=URL) == 1
    assert [listed.url for listed in archive.due_urls("example")] == [URL]


def test_a_refusal_is_no_try_of_the_url(archive: Archive) -> None:
    archive.list_urls("example", PAGE, [Listed(url=URL)])
    for minute in range(MAX_TRIES):
        page = capture(b"no", minute=minute, status=403)
        archive.add([page], None, failure="refused: HTTP 403", is_refused=True)
    (entry,) = archive.ledger()
    assert (entry.state, entry.tries, entry.last_status) == ("pending", 0, 403)
    assert [listed.url for listed in archive.due_urls("example")] == [URL]


def test_a_url_waits_for_a_person_after_its_tries(archive: Archive) -> None:
    archive.list_urls("example", PAGE, [Listed(url=URL)])
    for minute in range(MAX_TRIES - 1):
        archive.add([capture(minute=minute)], None, failure="no article found")
    assert pending(archive) == [URL]
    archive.fail_url("example", URL, "connection refused")
    assert pending(archive) == []


def test_a_visit_read_at_last_settles_its_entry(archive: Archive) -> None:
    archive.list_urls("example", PAGE, [Listed(url=URL)])
    archive.add([capture()], None, failure="no article found")
    ((visit, _, _),) = archive.unread_visits()
    archive.place_visit(visit, article())
    assert pending(archive) == []


def test_every_portal_that_listed_it_is_served(archive: Archive) -> None:
    for portal in ("example", "another"):
        archive.list_urls(portal, PAGE, [Listed(url=URL)])
    archive.add([capture()], article())
    assert pending(archive) == []
    assert archive.pending_urls("another") == []


def test_failing_a_url_of_no_listing_is_nothing(archive: Archive) -> None:
    archive.fail_url("example", URL, "connection refused")
    assert pending(archive) == []
