"""The State Council's policy library (国务院政策文件库): documents of centre and ministries.

Its search answers JSON, but the host's robots.txt disallows every path.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider

_SEARCH = (
    "https://sousuo.www.gov.cn/search-gov/data?t={kind}&q=&sort=pubtime&sortType=1"
    "&searchfield=title&p={{page}}&n=50&type=gwyzcwjk"
)


def _listing(kind: str, channel: str) -> Listing:
    return Listing(
        _SEARCH.format(kind=kind),
        channel=channel,
        pages=3,
        kind="json",
        items="searchVO.listVO",
        total="searchVO.totalCount",
        fields=(("url", "url"), ("title", "title"), ("date", "pubtime")),
        page_size=50,
    )


class GovCnLibraryPortal(PortalSpider):
    """国务院政策文件库."""

    portal = Portal(
        name="gov_cn_library",
        title="国务院政策文件库",
        hosts=("www.gov.cn", "sousuo.www.gov.cn"),
        listings=(
            _listing("zhengcelibrary_gw", "国务院文件"),
            _listing("zhengcelibrary_bm", "国务院部门文件"),
        ),
        article_url=r"/zhengce/(?:content|zhengceku)/(?:\d{6}|\d{4}-\d{2}/\d{2})/content_\d+\.htm$",
        layouts=(
            Layout(
                "library",
                content="#UCAP-CONTENT",
                title=".share-title, h1#ti",
                posted_at="meta[name=firstpublishedtime]::attr(content)",
            ),
        ),
        off="robots.txt of sousuo.www.gov.cn disallows every path (Disallow: /)",
    )
