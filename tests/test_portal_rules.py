"""A portal's rules are checked when they are imported."""

import datetime as dt
from typing import Any, get_args

import pytest

from crawler.discovery.kinds import KINDS
from crawler.portal import (
    LISTING_FIELDS,
    Family,
    Layout,
    Listing,
    ListingKind,
    Portal,
    PortalError,
)
from crawler.spider import PortalSpider

URL = "https://www.example.cn/"


def portal(**values: Any) -> Portal:
    given: dict[str, Any] = {"name": "example", "title": "示例", "hosts": ("www.example.cn",)}
    return Portal(**(given | {"article_url": "."} | values))


def test_every_kind_has_a_module_and_its_fields() -> None:
    assert set(get_args(ListingKind)) == set(KINDS) == set(LISTING_FIELDS)


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        (Listing(URL, kind="atom"), "no kind 'atom'; there are html, json"),  # type: ignore[arg-type]
        (Listing(URL, items="data"), "items means nothing to html"),
        (Listing(URL, kind="json", links="ul"), "links means nothing to json"),
        (Listing(URL, links="ul["), "not a CSS selector"),
        (Listing(URL, links="a::attr(href)"), "must select elements"),
        (Listing(URL, paging="reverse"), "reverse paging needs {page}"),
        (Listing(f"{URL}{{page}}.htm", paging="reverse"), "needs first_url"),
        (Listing(URL, kind="json", pages=2), "2 pages but no {page}"),
        (Listing(f"{URL}?o={{offset}}", kind="json"), "{offset} needs page_size"),
        (Listing(URL, kind="json", fields=(("title", "t"),)), "the key of an item's url"),
        (Listing(f"{URL}?s={{start}}", kind="jpage"), "{start} needs page_size"),
        (Listing(URL, kind="newspaper"), "needs {date:...} in its url, and since"),
        (
            Listing(f"{URL}{{date:%Y}}{{x}}", kind="newspaper", since=dt.date(2024, 1, 1)),
            "its address cannot be made",
        ),
        (Listing(f"{URL}gkmlpt/index", kind="gkmlpt"), "category as the fragment"),
    ],
)
def test_listings_that_cannot_work_are_named(listing: Listing, says: str) -> None:
    with pytest.raises(PortalError) as raised:
        portal(listings=(listing,))
    assert says in str(raised.value)
    assert str(raised.value).startswith(f"portal example, listing {listing.url}")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": "Example"}, "lower-case letters"),
        ({"hosts": ()}, "hosts is empty"),
        ({"hosts": ("WWW.example.cn",)}, "not a lower-case host name"),
        ({"article_url": "("}, "no pattern"),
        ({"layouts": (Layout("a", content="p"), Layout("a", content="b"))}, "must differ"),
        ({"layouts": (Layout("a", content="p["),)}, "not a CSS selector"),
        ({"layouts": (Layout("a", content="p::text"),)}, "must select elements"),
    ],
)
def test_portals_that_cannot_work_are_named(values: dict[str, Any], says: str) -> None:
    with pytest.raises(PortalError) as raised:
        portal(**values)
    assert says in str(raised.value)


FAMILY = Family(
    name="trs", title="TRS 站点", listing=Listing(f"{URL}zcjd/", pages=20), article_url=r"/t\d+"
)


def test_a_family_is_a_portal_for_each_host() -> None:
    made = FAMILY.portal(" http://ZCJD.Example.cn:8080/a/ ")
    assert (made.name, made.hosts) == ("trs:zcjd.example.cn:8080", ("zcjd.example.cn",))
    assert made.listings == (Listing("http://ZCJD.Example.cn:8080/a/", pages=20),)


@pytest.mark.parametrize("address", ["", "example.cn/", "ftp://a/", "http://[::", "http://a:x/"])
def test_a_family_names_an_address_it_cannot_use(address: str) -> None:
    with pytest.raises(PortalError, match=r"trs: .*give the list page, e.g. -a list=https"):
        FAMILY.portal(address)


def test_a_portal_that_is_off_is_crawled_only_by_force() -> None:
    class Off(PortalSpider):
        portal = Portal(
            name="off", title="停", hosts=("a.cn",), article_url=".", off="robots.txt refuses all"
        )

    with pytest.raises(PortalError, match=r"off is off: robots.txt refuses all; .*-a force=1"):
        Off()
    assert Off(force="1").portal.off
