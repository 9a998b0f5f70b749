"""Coverage: what listings claim and show against what is archived, by listing and month."""

import datetime as dt

import pytest

from storage import Archive, Listed, ListingVisit, Tally
from tests.records import URL, article, capture

LIST = "http://news.example.cn/jiedu/index_{page}.html"
PAGE = "http://news.example.cn/jiedu/index_1.html"
OTHER_LIST = "http://news.example.cn/zhuanjia/"


def url(number: int) -> str:
    return f"http://news.example.cn/jiedu/{number}.html"


def page(number: int = 0, claimed: int | None = 6, channel: str = "解读") -> ListingVisit:
    return ListingVisit(
        listing_url=LIST, page_url=PAGE, page=number, claimed=claimed, channel=channel
    )


@pytest.fixture
def crawled(archive: Archive) -> Archive:
    """Of six claimed items five were seen: archived, failed, waiting, gone since, left out."""
    days = {n: dt.date(2026, month, 3) for n, month in ((1, 3), (2, 3), (3, 2), (4, 1))}
    links = [Listed(url=url(n), day=day) for n, day in days.items()]
    archive.list_urls("example", page(), links[:2])
    archive.list_urls("example", page(1), links[2:], [Listed(url=url(5))])
    archive.add([capture(url=url(1))], article(url=url(1)))
    archive.add([capture(b"busy", url=url(2), status=500)], None, failure="HTTP 500")
    archive.add([capture(b"<p>four</p>", url=url(4))], article("四。", url=url(4)))
    archive.add([capture(b"none", url=url(4), status=404, minute=9)], None)
    return archive


def test_a_listing_is_counted_by_state_and_month(crawled: Archive) -> None:
    whole, listing = crawled.coverage("example")
    assert (listing.listing_url, listing.channel) == (LIST, "解读")
    assert (listing.claimed, listing.pages_read) == (6, 2)
    assert listing.total == Tally(seen=5, archived=2, failed=1, waiting=1, left_out=1)
    assert listing.months == (
        ("2026-03", Tally(seen=2, archived=1, failed=1)),
        ("2026-02", Tally(seen=1, waiting=1)),
        ("2026-01", Tally(seen=1, archived=1)),
        (None, Tally(seen=1, left_out=1)),
    )
    assert (whole.listing_url, whole.claimed) == (None, None)
    assert whole.total == listing.total
    assert crawled.coverage("another") == []


def test_an_item_of_two_listings_counts_in_both_and_once_in_the_portal(crawled: Archive) -> None:
    other = ListingVisit(listing_url=OTHER_LIST, page_url=OTHER_LIST)
    crawled.list_urls("example", other, [Listed(url=url(1)), Listed(url=url(6))])
    whole, first, second = crawled.coverage()
    assert (first.total.seen, second.total.seen, whole.total.seen) == (5, 2, 6)
    assert second.total == Tally(seen=2, archived=1, waiting=1)
    assert second.claimed is None


def test_channels_of_one_address_are_two_listings(archive: Archive) -> None:
    archive.list_urls("example", page(channel="解读"), [Listed(url=url(1))])
    archive.list_urls("example", page(channel="问答", claimed=9), [Listed(url=url(2))])
    _, first, second = archive.coverage()
    assert [(c.channel, c.claimed, c.total.seen) for c in (first, second)] == [
        ("解读", 6, 1),
        ("问答", 9, 1),
    ]


def test_an_archived_item_without_a_date_takes_the_articles_own(archive: Archive) -> None:
    archive.list_urls("example", page(), [Listed(url=URL)])
    archive.add([capture()], article())
    whole, _ = archive.coverage()
    assert whole.months == (("2026-03", Tally(seen=1, archived=1)),)


def test_what_a_listing_claims_is_what_it_last_said(archive: Archive) -> None:
    for claimed in (6, 8, None):
        archive.list_urls("example", page(claimed=claimed), [])
    _, listing = archive.coverage()
    assert (listing.claimed, listing.total, listing.months) == (8, Tally(), ())


def test_items_left_out_wait_until_they_are_wanted(archive: Archive) -> None:
    items = [Listed(url=url(n)) for n in (1, 2)]
    assert archive.list_urls("example", page(), [], items) == 0
    assert archive.pending_urls("example") == []
    assert archive.list_urls("example", page(), items[:1], items[1:]) == 0
    assert [listed.url for listed in archive.pending_urls("example")] == [url(1)]
    archive.list_urls("example", page(), [], items)  # what was wanted once is still owed
    assert [listed.url for listed in archive.pending_urls("example")] == [url(1)]
