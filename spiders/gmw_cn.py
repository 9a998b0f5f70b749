"""Guangming Online (光明网): 光明日报 and agency texts, with a link to the page of the paper."""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider

_CHANNELS = "news politics economy theory guancha edu tech health legal life culture world kepu"


class GmwCnPortal(PortalSpider):
    """光明网."""

    portal = Portal(
        name="gmw_cn",
        title="光明网",
        hosts=("www.gmw.cn", *(f"{channel}.gmw.cn" for channel in _CHANNELS.split())),
        listings=(
            Listing(
                "https://politics.gmw.cn/node_9844_{page}.htm",
                channel="要闻",
                pages=10,
                first_url="https://politics.gmw.cn/node_9844.htm",
            ),
            Listing(
                "https://news.gmw.cn/node_4108_{page}.htm",
                channel="光明日报",
                pages=10,
                first_url="https://news.gmw.cn/node_4108.htm",
            ),
        ),
        article_url=r"/\d{4}-\d{2}/\d{2}/content_\d+(?:_\d+)?\.htm$",
        layouts=(
            Layout(
                "u-mainText",
                content=".u-mainText",
                title="h1.u-title",
                posted_at=".m-con-time",
                source=".m-con-source",
                editors=".liability",
                drop=".m-zbTool, .m-vote-wrap, .u-moreText",
            ),
            Layout(
                "contentMain",
                content="#contentMain, #articleBox",
                title="#articleTitle",
                posted_at="#pubTime",
                source="#source",
                editors="#contentLiability",
            ),
        ),
        evidence="page",
    )
