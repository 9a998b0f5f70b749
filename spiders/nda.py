"""National Data Administration (国家数据局): interpretations of its policies, its own and experts'.

Every item of the list may hold a nested list of further interpretations (``.popbox``), which other
lists show as items of their own. The number of pages follows from ``totalData`` and ``showData``.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


def _listing(column: str, channel: str) -> Listing:
    return Listing(
        f"https://www.nda.gov.cn/sjj/zwgk/{column}/list/index_pc_{{page}}.html",
        channel=channel,
        pages=5,
        links="ul.u-list",
        drop=".popbox",
    )


class NdaPortal(PortalSpider):
    """国家数据局."""

    portal = Portal(
        name="nda",
        title="国家数据局",
        hosts=("www.nda.gov.cn",),
        listings=(_listing("zcjd", "政策解读"), _listing("zjjd", "专家解读")),
        article_url=r"/\d{4}/[\w-]+_pc\.html$",
        layouts=(
            Layout(
                "article",
                content="div.article",
                title=".article-title, .detail-title",
                drop=".filelist, .share",
            ),
        ),
    )
