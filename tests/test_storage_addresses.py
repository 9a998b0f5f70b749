"""Which article a visit belongs to: moves, aliases, shared hops, gone pages."""

import pytest

from storage import Archive, Capture
from tests.records import BODY, URL, article, capture

OLD = URL
NEW = "http://news.example.cn/2026/1001.html"
NEWER = "http://news.example.cn/2027/1001.html"
OTHER = "http://news.example.cn/jiedu/1002.html"
EDITED = ("近日，示例省印发《关于推进数据要素流通的若干意见》。", *BODY[1:])


def moved(old: str, new: str, minute: int, *between: str) -> list[Capture]:
    """The captures of a visit that was redirected."""
    hops = [capture(b"", url=url, status=301, page=None, minute=minute) for url in (old, *between)]
    return [*hops, capture(url=new, minute=minute)]


def test_a_redirect_to_another_known_article_keeps_both(archive: Archive) -> None:
    first = archive.add([capture(url=OLD)], article(url=OLD))
    second = archive.add([capture(url=OTHER)], article(*EDITED, url=OTHER))
    added = archive.add(moved(OLD, OTHER, 1), article(*EDITED, url=OTHER))
    assert (added.state, added.article_id) == ("unchanged", second.article_id)
    assert archive.article(OLD).id == first.article_id
    assert archive.article(OTHER).id == second.article_id
    assert (archive.article(OLD).aliases, archive.article(OTHER).aliases) == ((), ())
    assert archive.counts()["articles"] == archive.counts()["versions"] == 2


def test_a_hop_many_articles_pass_through_joins_none_of_them(archive: Archive) -> None:
    check = "http://news.example.cn/check_cookie"
    first = archive.add(moved(OLD, NEW, 0, check), article(url=NEW))
    second = archive.add(moved(OTHER, NEWER, 1, check), article(*EDITED, url=NEWER))
    assert second.state == "new"
    assert first.article_id != second.article_id
    assert archive.article(first.article_id or 0).aliases == (OLD,)
    assert archive.article(second.article_id or 0).aliases == (OTHER,)


def test_an_article_that_moves_and_moves_back_is_at_its_old_address(archive: Archive) -> None:
    first = archive.add([capture(url=OLD)], article(url=OLD))
    archive.add(moved(OLD, NEW, 1), article(url=NEW))
    added = archive.add(moved(NEW, OLD, 2), article(url=OLD))
    assert added.article_id == first.article_id
    assert archive.article(NEW).url == OLD
    assert archive.article(OLD).aliases == (NEW,)
    assert archive.counts()["articles"] == archive.counts()["versions"] == 1


def test_an_article_may_move_on(archive: Archive) -> None:
    archive.add([capture(url=OLD)], article(url=OLD))
    archive.add(moved(OLD, NEW, 1), article(url=NEW))
    archive.add(moved(OLD, NEWER, 2), article(url=NEWER))
    assert archive.article(OLD).url == NEWER
    assert set(archive.article(OLD).aliases) == {OLD, NEW}
    assert archive.counts()["articles"] == 1


def test_an_alias_that_is_asked_for_directly_does_not_move_the_article(archive: Archive) -> None:
    archive.add(moved(OTHER, OLD, 0), article(url=OLD))
    archive.add([capture(url=OTHER, minute=1)], article(url=OTHER))
    assert archive.article(OTHER).url == OLD
    assert archive.counts()["articles"] == 1


def test_a_canonical_link_gives_the_article_its_address(archive: Archive) -> None:
    archive.add([capture(url=OLD + "?page=all")], article(url=OLD))
    assert archive.article(OLD + "?page=all").url == OLD
    archive.add([capture(url=OLD, minute=1)], article(url=OLD))
    assert archive.counts()["articles"] == 1
    assert archive.article(OLD).aliases == (OLD + "?page=all",)


def test_pages_and_hops_behind_the_first_page_are_no_addresses(archive: Archive) -> None:
    visit = [
        capture(b"one", url=OLD, page=1),
        capture(b"", url=OLD + "?go=2", page=None, status=302),
        capture(b"two", url=OLD + "?p=2", page=2),
    ]
    archive.add(visit, article(url=OLD))
    assert archive.article(OLD).aliases == ()
    assert (archive.version(OLD).captures, archive.version(OLD).visits) == (2, 1)


def test_the_archive_lists_articles_with_their_aliases(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.archive._BATCH", 2)
    urls = [f"http://news.example.cn/{n}.html" for n in range(5)]
    for url in urls:
        archive.add(moved(url + "?from=timeline&a=1", url, 0), article(url=url))
    listed = archive.articles("example")
    assert next(listed).url == urls[0]
    archive.add([capture(url=NEWER)], article(url=NEWER))  # nothing is locked meanwhile
    rest = list(listed)
    assert [found.url for found in rest] == [*urls[1:], NEWER]
    assert rest[0].aliases == (urls[1] + "?a=1",)
    assert list(archive.articles("another")) == []


# -- gone and back --------------------------------------------------------------------------------


def test_an_old_404_does_not_make_a_living_page_gone(archive: Archive) -> None:
    archive.add([capture(minute=5)], article())
    for minute in (3, 4):
        assert archive.add([capture(b"404", minute=minute, status=404)], None).state == "missing"
    assert archive.article(URL).gone_at is None
    assert archive.absences() == []


def test_an_old_capture_does_not_bring_a_page_back(archive: Archive) -> None:
    archive.add([capture(minute=1)], article())
    archive.add([capture(b"404", minute=5, status=404)], None)
    archive.add([capture(minute=3)], article())
    assert archive.article(URL).gone_at is None  # nobody has looked again
    archive.add([capture(b"404", minute=7, status=404)], None)
    assert archive.article(URL).gone_at == capture(minute=5).captured_at  # since when, not last
    archive.add([capture(minute=4)], article())
    archive.add([capture(b"404", minute=9, status=404)], None)
    assert archive.article(URL).gone_at == capture(minute=5).captured_at


def test_a_redirect_to_a_missing_page_is_gone(archive: Archive) -> None:
    archive.add([capture()], article())
    hops = [
        capture(b"", status=302, page=None, minute=1),
        capture(b"404", url="http://news.example.cn/404.html", status=404, minute=1),
    ]
    assert archive.add(hops, None).state == "missing"
    assert [absence.url for absence in archive.absences()] == [URL]


# -- conditional requests -------------------------------------------------------------------------

TAGGED = (("ETag", '"a1"'), ("Content-Type", "text/html"))


def test_a_304_for_an_unknown_article_is_a_failure(archive: Archive) -> None:
    added = archive.add([capture(b"", status=304)], None)
    (row,) = archive.captures()
    assert (added.state, added.article_id) == ("failed", None)
    assert row.failure is not None
    assert "304" in row.failure


def test_a_304_does_not_vouch_for_a_version_it_was_not_asked_about(archive: Archive) -> None:
    archive.add([capture(headers=TAGGED)], article())
    asked = archive.validators(URL)
    assert asked is not None
    archive.add([capture(b"two", minute=1)], article(*EDITED))  # by another process meanwhile
    added = archive.add([capture(b"", minute=2, status=304, revisits=asked.capture_id)], None)
    assert (added.state, added.version) == ("failed", None)
    assert archive.counts()["versions"] == 2


def test_a_304_behind_a_redirect_is_of_the_article_that_was_asked_about(archive: Archive) -> None:
    archive.add([capture(url=OLD)], article(*EDITED, url=OLD))
    second = archive.add([capture(url=OTHER, headers=TAGGED)], article(url=OTHER))
    asked = archive.validators(OTHER)
    assert asked is not None
    hops = [
        capture(b"", url=OLD, status=302, page=None, minute=1),
        capture(b"", url=OTHER, status=304, minute=1, revisits=asked.capture_id),
    ]
    added = archive.add(hops, None)
    assert (added.state, added.article_id) == ("unchanged", second.article_id)


def test_a_suspect_and_a_cut_page_give_no_validators(archive: Archive) -> None:
    archive.add([capture(headers=TAGGED)], article())
    other = (("ETag", '"b2"'),)
    archive.add([capture(b"half", minute=1, headers=other)], article("近日。"))
    validators = archive.validators(URL)
    assert validators is not None
    assert validators.etag == '"a1"'
    archive.add([capture(minute=2, headers=other, truncated="length")], article())
    validators = archive.validators(URL)
    assert validators is not None
    assert validators.etag == '"a1"'
    assert archive.validators("http://news.example.cn/unknown.html") is None


def test_several_pages_give_no_validators(archive: Archive) -> None:
    pages = [
        capture(b"one", headers=TAGGED),
        capture(b"two", url=URL + "?p=2", page=2, headers=TAGGED),
    ]
    archive.add(pages, article())
    assert archive.validators(URL) is None
