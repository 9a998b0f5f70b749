"""Sites made with 开普 (UCAP): a column page, or the address of the search behind it.

``scrapy crawl ucap -a list=https://www.example.gov.cn/common/search/<32 digits> -a pages=5``
"""

from crawler.family import FamilySpider
from crawler.portal import Family, Layout, Listing


class UcapSpider(FamilySpider):
    """开普站点."""

    family = Family(
        name="ucap",
        title="开普站点",
        listing=Listing(
            "https://www.example.gov.cn/c100001/common_list.shtml", kind="ucap", pages=20
        ),
        article_url=r"/content_\d+\.s?html?$|/c\d+/content\.shtml$|/20\d{4}/[0-9a-f]{32}\.s?html$",
        layouts=(Layout("ucap", content="#UCAP-CONTENT"),),
    )
