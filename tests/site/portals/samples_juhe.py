"""Sample aggregator (每日聚合资讯): uploader, hit counter, a sidebar that rotates."""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class SamplesJuhe(PortalSpider):
    """每日聚合资讯."""

    portal = Portal(
        name="samples_juhe",
        evidence="page",
        title="每日聚合资讯",
        hosts=("juhe.samples.example",),
        listings=(
            Listing(
                "http://juhe.samples.example/news/list_{page}.html",
                channel="资讯",
                pages=60,
                links=".newslist",
            ),
        ),
        article_url=r"/news/\d+\.html$",
        layouts=(
            Layout(
                "a",
                content=".article > .content",
                title=".article > h1",
                posted_at=".info .time",
            ),
            Layout(
                "b",
                content=".show-text",
                title=".show-title h1",
                posted_at=".show-tips i",
            ),
        ),
    )
