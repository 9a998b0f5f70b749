"""The shipped portals: which addresses are articles, and that their rules are complete."""

import pytest

from crawler.portal import Portal, PortalError
from spiders.aggregator import AggregatorSpider
from spiders.china_com_cn import ChinaComCnPortal
from spiders.gmw_cn import GmwCnPortal
from spiders.news_cn import NewsCnPortal
from spiders.people import PeoplePortal

AGGREGATOR = AggregatorSpider.family.portal("http://News.Example.cn:8080/list_{page}.html")


@pytest.mark.parametrize(
    ("portal", "url"),
    [
        (PeoplePortal.portal, "http://finance.people.com.cn/n1/2024/0604/c1004-40249341.html"),
        (PeoplePortal.portal, "http://js.people.com.cn/n2/2022/0213/c360307-35131671.html"),
        (NewsCnPortal.portal, f"https://www.news.cn/politics/zywj/20240509/{'0a' * 16}/c.html"),
        (NewsCnPortal.portal, "http://www.xinhuanet.com/politics/2020-05/09/c_1125962.htm"),
        (ChinaComCnPortal.portal, "http://news.china.com.cn/2024-05/13/content_117184963.shtml"),
        (ChinaComCnPortal.portal, "http://travel.china.com.cn/txt/2024-05/20/content_117199.html"),
        (GmwCnPortal.portal, "https://news.gmw.cn/2024-05/20/content_37330990.htm"),
        (AGGREGATOR, "http://news.example.cn:8080/news/123.html"),
        (AGGREGATOR, "http://news.example.cn/a/123.html"),
        (AGGREGATOR, "http://news.example.cn/show-12-345-1.html"),
        (AGGREGATOR, "http://news.example.cn/index.php?m=content&id=12"),
        (AGGREGATOR, "http://news.example.cn/article/20240614/9871"),
    ],
)
def test_article_addresses_are_recognised(portal: Portal, url: str) -> None:
    assert portal.is_article_url(url)


@pytest.mark.parametrize(
    ("portal", "url"),
    [
        (PeoplePortal.portal, "http://politics.people.com.cn/GB/1024/index2.html"),
        (NewsCnPortal.portal, "https://www.news.cn/politics/zywj/index.htm"),
        (GmwCnPortal.portal, "https://politics.gmw.cn/node_9844_2.htm"),
        (AGGREGATOR, "http://news.example.cn/list_2.html"),
        (AGGREGATOR, "http://news.example.cn/news/index_2.html"),
        (AGGREGATOR, "http://news.example.cn/news/"),
        (AGGREGATOR, "http://news.example.cn/?page=2"),
        (AGGREGATOR, "http://other.example.cn/news/123.html"),
    ],
)
def test_listings_and_other_hosts_are_no_articles(portal: Portal, url: str) -> None:
    assert not portal.is_article_url(url)


def test_pages_of_a_listing_are_numbered_as_the_portal_numbers_them() -> None:
    listing = PeoplePortal.portal.listings[0]
    assert [listing.page_url(page).rpartition("/")[2] for page in range(3)] == [
        "index.html",
        "index2.html",
        "index3.html",
    ]


def test_an_aggregator_is_named_after_its_host() -> None:
    assert AGGREGATOR.name == "aggregator:news.example.cn:8080"
    assert AGGREGATOR.listings[0].page_url(1) == "http://News.Example.cn:8080/list_2.html"
    again = AggregatorSpider.portal_for(AGGREGATOR.name)
    for layout in AGGREGATOR.layouts:
        assert again.rules_hash(layout) == AGGREGATOR.rules_hash(layout)


@pytest.mark.parametrize("address", ["", "news.example.cn/list.html", "ftp://a/", "http://[::"])
def test_an_unusable_list_address_is_named(address: str) -> None:
    with pytest.raises(PortalError, match="aggregator"):
        AggregatorSpider.family.portal(address)
