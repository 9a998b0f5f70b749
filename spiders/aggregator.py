"""News aggregators of one family: a list address instead of a file of rules (聚合站).

These sites copy articles of other portals, show the uploader's role and the time of the copy under
the headline, and put teasers of the day beside the text. Their theme is not known for certain, so
the layouts name the probable containers and everything else is read by the general rules.

``scrapy crawl aggregator -a list=https://news.example.cn/list_{page}.html -a pages=5``
"""

from typing import Any
from urllib.parse import urlsplit

from crawler.portal import Layout, Listing, Portal, PortalError
from crawler.spider import PortalSpider

# `/news/123.html`, `/a/123.html`, `/show-12-345-1.html`, `?id=12`; never `index_2.html`, `list_2`.
_ARTICLE = (
    r"/(?!(?:index|list|page|tag|search|category)[^/]*\.s?html?(?:\?|$))[\w-]*\d[\w-]*\.s?html?(?:\?|$)"
    r"|/(?:news|article|archives?|a|show|content|detail|view|p|info)/(?:\d+/)*[\w-]*\d[\w-]*/?(?:\?|$)"
    r"|[?&](?:id|aid|nid|newsid|article_?id|itemid)=\d+"
)
_LISTING_PAGES = 20  # without -a pages=N

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


def aggregator_portal(list_url: str) -> Portal:
    """The family's rules for the site that serves ``list_url`` (``{page}`` in it is paged)."""
    try:
        parts = urlsplit(list_url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise PortalError(f"aggregator: {list_url!r} is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise PortalError(
            f"aggregator: {list_url!r} is no http address; give the list page, e.g."
            " -a list=https://news.example.cn/list_{page}.html"
        )
    pages = _LISTING_PAGES if "{page}" in list_url else 1
    return Portal(
        name=f"aggregator:{host}:{port}" if port else f"aggregator:{host}",
        title=f"聚合站 {host}",
        hosts=(host,),
        listings=(Listing(list_url.strip(), pages=pages),),
        article_url=_ARTICLE,
        layouts=_LAYOUTS,
    )


class AggregatorSpider(PortalSpider):
    """Crawls the site whose list address is given with ``-a list=URL``."""

    name = "aggregator"

    def __init__(self, list: str | None = None, pages: str | None = None, **kwargs: Any) -> None:
        if not list:
            raise PortalError(
                "aggregator: which site? give its list page, e.g."
                " -a list=https://news.example.cn/list_{page}.html"
            )
        self.portal = aggregator_portal(list)
        super().__init__(pages=pages, **kwargs)

    @classmethod
    def portal_for(cls, name: str) -> Portal:
        """The rules for ``aggregator:host[:port]``, for re-reading what was archived."""
        return aggregator_portal(f"http://{name.partition(':')[2]}/")
