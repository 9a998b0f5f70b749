"""The central government's portal (中国政府网): policy interpretations of ministries and media.

The list page is a shell; its data file holds every interpretation, about eight thousand, and some
of them lie on other portals. The pages' own metadata are not those of the guideline: the time is
``firstpublishedtime``.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider

_FIELDS = (("url", "URL"), ("title", "TITLE"), ("date", "DOCRELPUBTIME"))


class GovCnPortal(PortalSpider):
    """中国政府网."""

    portal = Portal(
        name="gov_cn",
        title="中国政府网",
        hosts=("www.gov.cn",),
        listings=(
            Listing(
                "https://www.gov.cn/zhengce/jiedu/ZCJD_QZ.json",
                channel="政策解读",
                kind="json",
                fields=_FIELDS,
            ),
        ),
        article_url=r"/(?:\d{6}|\d{4}-\d{2}/\d{2})/content_\d+(?:_\d+)?\.html?$",
        layouts=(
            Layout(
                "2023",
                content="#UCAP-CONTENT",
                title=".share-title, h1#ti",
                posted_at="meta[name=firstpublishedtime]::attr(content)",
                source=".pages-date .font",
                editors=".editor",
                drop=".editor, .share-box, .related",
            ),
            Layout(
                "2014",
                content=".pages_content",
                title=".pages-title, .article h1",
                posted_at="meta[name=firstpublishedtime]::attr(content)",
                source=".pages-date .font",
                editors=".editor",
                drop=".editor, #div_div, .share-box",
            ),
        ),
    )
