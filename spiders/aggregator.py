"""News aggregators of one family: a list address instead of a file of rules (聚合站).

These sites copy articles of other portals, show the uploader's role and the time of the copy under
the headline, and put teasers of the day beside the text. Their theme is not known for certain, so
the layouts name the probable containers and everything else is read by the general rules.

``scrapy crawl aggregator -a list=https://news.example.cn/list_{page}.html -a pages=5``
"""

from crawler.family import FamilySpider
from crawler.portal import Family, Layout, Listing

# `/news/123.html`, `/a/123.html`, `/show-12-345-1.html`, `?id=12`; never `index_2.html`, `list_2`.
_ARTICLE = (
    r"/(?!(?:index|list|page|tag|search|category)[^/]*\.s?html?(?:\?|$))[\w-]*\d[\w-]*\.s?html?(?:\?|$)"
    r"|/(?:news|article|archives?|a|show|content|detail|view|p|info)/(?:\d+/)*[\w-]*\d[\w-]*/?(?:\?|$)"
    r"|[?&](?:id|aid|nid|newsid|article_?id|itemid)=\d+"
)

_LAYOUTS = (
    Layout(
        name="article-content",
        content="div.article > div.content",
        title="div.article > h1",
        posted_at="div.article .info .time",
        drop=".related, .sidebar, .share, .comment",
    ),
    Layout(
        name="article-detail",
        content=".article-detail .article-content, .news-detail .news-content, #article_content",
        title=".article-detail h1, .news-detail h1",
        drop=".related, .xg, .sidebar, .share, .comment",
    ),
)


class AggregatorSpider(FamilySpider):
    """聚合站."""

    family = Family(
        name="aggregator",
        title="聚合站",
        listing=Listing("https://news.example.cn/list_{page}.html", pages=20),
        article_url=_ARTICLE,
        layouts=_LAYOUTS,
    )
