"""National Development and Reform Commission (国家发展改革委): interpretations and releases.

TRS pages with deep relative links; the number of list pages stands in ``createPageHTML``.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


def _listing(path: str, channel: str, pages: int) -> Listing:
    return Listing(
        f"https://www.ndrc.gov.cn/{path}/index_{{page}}.html",
        channel=channel,
        pages=pages,
        first_page=0,
        first_url=f"https://www.ndrc.gov.cn/{path}/",
        links="ul.u-list",
    )


class NdrcPortal(PortalSpider):
    """国家发展改革委."""

    portal = Portal(
        name="ndrc",
        title="国家发展和改革委员会",
        hosts=("www.ndrc.gov.cn",),
        listings=(
            _listing("xxgk/jd/jd", "政策解读", 10),
            _listing("xwdt/xwfb", "新闻发布", 3),
        ),
        article_url=r"/20\d{4}/t\d{8}_\d+(?:_ext)?\.html$",
        layouts=(
            Layout(
                "2019",
                content=".article_con .TRS_Editor",
                title=".article_title",
                drop=".attachment, .article_tool",
            ),
            Layout(
                "plain",
                content=".article_con",
                title=".article_title",
                drop=".attachment, .article_tool",
            ),
        ),
    )
