"""Sites made with 大汉 (Hanweb) jcms: jpage and jpaas columns.

``scrapy crawl hanweb -a list=http://www.example.gov.cn/col/col123/index.html -a pages=5``
"""

from crawler.family import FamilySpider
from crawler.portal import Family, Layout, Listing


class HanwebSpider(FamilySpider):
    """大汉站点."""

    family = Family(
        name="hanweb",
        title="大汉站点",
        listing=Listing("http://www.example.gov.cn/col/col123/index.html", kind="hanweb", pages=20),
        article_url=r"/art/\d{4}/(?:\d{1,2}/\d{1,2}/art_\d+_\d+|art_\w+)\.html$",
        layouts=(
            Layout("zoom", content="#zoom"),
            Layout("art-con", content=".art-con, .ccontent"),
        ),
    )
