"""Find the articles a listing links to; one kind of listing a file."""

from scrapy.http import Response

from crawler.discovery import html_page, json_feed
from crawler.portal import Listing, Portal
from storage import Listed

_KINDS = {"html": html_page.links, "json": json_feed.links}


def article_links(response: Response, listing: Listing, portal: Portal) -> list[Listed]:
    """The portal's articles a listing page links to, in its order and each once.

    Raises ``ValueError`` saying what is wrong when the page is not of the listing's kind.
    """
    return _KINDS[listing.kind](response, listing, portal)
