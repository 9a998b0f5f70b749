"""Sites made with TRS WCM (拓尔思), by far the most common system of ministries and provinces.

``scrapy crawl trs -a list=https://www.example.gov.cn/zcjd/ -a pages=5``
"""

from crawler.family import FamilySpider
from crawler.portal import Family, Layout, Listing


class TrsSpider(FamilySpider):
    """TRS 站点."""

    family = Family(
        name="trs",
        title="TRS 站点",
        listing=Listing("https://www.example.gov.cn/zcjd/", pages=20),
        article_url=r"/t\d{8}_\d+\.s?html?$",
        layouts=(
            Layout("editor_view", content=".trs_editor_view, .TRS_UEDITOR"),
            Layout("editor", content=".TRS_Editor"),
        ),
    )
