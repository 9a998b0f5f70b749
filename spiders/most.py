"""Ministry of Science and Technology (科技部): interpretations.

``pagination_script_config.total`` is the number of list pages. The text stands in ``#Zoom`` or, in
the newer template, in ``div.text.wide``.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider

_COLUMN = "https://www.most.gov.cn/xxgk/xinxifenlei/fdzdgknr/fgzc/zcjd/"


class MostPortal(PortalSpider):
    """科技部."""

    portal = Portal(
        name="most",
        title="科学技术部",
        hosts=("www.most.gov.cn",),
        listings=(
            Listing(
                f"{_COLUMN}index_{{page}}.html",
                channel="政策解读",
                pages=5,
                first_page=0,
                first_url=_COLUMN,
                links=".data_list, .info_list2",
            ),
        ),
        article_url=r"/20\d{4}/t\d{8}_\d+\.html$",
        layouts=(
            Layout("zoom", content="#Zoom", title=".xxgk_title, .sub_tit, h1"),
            Layout("wide", content="div.text.wide", title="#Title, h1"),
        ),
    )
