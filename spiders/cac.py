"""Cyberspace Administration (国家网信办): interpretations of its rules.

The list page holds the first twenty items with unquoted links; all pages, the first included, come
from ``/cms/JsonList`` by POST.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class CacPortal(PortalSpider):
    """国家网信办."""

    portal = Portal(
        name="cac",
        title="国家互联网信息办公室",
        hosts=("www.cac.gov.cn",),
        listings=(
            Listing(
                "https://www.cac.gov.cn/cms/JsonList",
                channel="政策解读",
                pages=5,
                kind="json",
                items="list",
                total="totalRec",
                fields=(("url", "infourl"), ("title", "topic"), ("date", "pubtime")),
                page_size=20,
                form=(
                    ("channelCode", "A09370307"),
                    ("perPage", "20"),
                    ("pageno", "{page}"),
                    ("condition", "0"),
                    ("fuhao", "="),
                    ("value", ""),
                ),
            ),
            Listing(
                "https://www.cac.gov.cn/wxzw/zcfg/zcjd/A09370307index_1.htm",
                channel="政策解读",
                links="#loadingInfoPage",
            ),
        ),
        article_url=r"/\d{4}-\d{2}/\d{2}/c_\d+\.htm$",
        layouts=(
            Layout(
                "body-label",
                content="#BodyLabel",
                title="h1.title",
                posted_at="#pubtime",
                source="#source",
            ),
        ),
        evidence="page",
    )
