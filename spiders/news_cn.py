"""Xinhua Online (新华网): the central documents channel and its interpretations (中央文件).

The list is a JSON file of up to a thousand items without paging. Article pages carry the headline
twice (PC and mobile) and the markup of a video player in the text.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider

_FIELDS = (("url", "publishUrl"), ("title", "title"), ("date", "publishTime"))


class NewsCnPortal(PortalSpider):
    """新华网."""

    portal = Portal(
        name="news_cn",
        title="新华网",
        hosts=("www.news.cn", "news.cn", "www.xinhuanet.com", "xinhuanet.com"),
        listings=(
            Listing(
                "https://www.news.cn/politics/zywj/ds_751e4d15841642e5b6b636377247b397.json",
                channel="中央文件解读",
                kind="json",
                items="datasource",
                fields=_FIELDS,
            ),
        ),
        article_url=r"/\d{8}/[0-9a-f]{32}/c\.html$|/\d{4}-\d{2}/\d{2}/c_\d+\.htm$",
        layouts=(
            Layout(
                "2023",
                content="#detailContent",
                title=".head-line h1 .title, .mheader h1 .title",
                posted_at=".mheader .info, .header-time",
                source=".header-cont .source",
                editors="#articleEdit .editor",
                drop=".player-container, [id^='DH-PLAYERID'], .pageVideo, #ads-layer",
            ),
            Layout(
                "p-detail",
                content="#p-detail",
                title=".h-title",
                posted_at=".h-time",
                source="#source, .h-info",
                editors=".p-jc",
                drop=".p-tags, .zan-wap, .p-jc",
            ),
        ),
        evidence="page",
    )
