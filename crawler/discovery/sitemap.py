"""Sitemaps, their indexes and news sitemaps, compressed or not (sitemaps.org protocol 0.9).

Scrapy's own reader drops the children of ``news:news``, which hold the title and the date.
"""

from collections.abc import Iterable
from io import BytesIO
from urllib.parse import urljoin

from lxml import etree
from scrapy.http import Response
from scrapy.utils.gz import gunzip

from crawler.discovery.anchors import article_address, tidy
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.portal import Listing, Portal
from storage import Listed, url_key

_GZIP = b"\x1f\x8b"
_MAX_BYTES = 60 * 1024 * 1024  # the protocol allows 50 MB uncompressed


def first(listing: Listing) -> Iterable[PageRequest]:
    """The sitemap, or the index of sitemaps."""
    return [PageRequest(url=listing.url, is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """Articles of a sitemap; of an index its sitemaps, the last changed first, a page each."""
    root, entries = _entries(response)
    if root == "sitemapindex":
        entries.sort(key=lambda entry: entry.get("lastmod", ""), reverse=True)
        urls = [urljoin(response.url, entry["loc"]) for entry in entries]
        following = tuple(
            PageRequest(url=url, page=asked.page + number)
            for number, url in enumerate(url for url in urls if portal.has_host(url))
        )
        return ListingPage(is_shell=True, following=following)
    found: dict[str, Listed] = {}
    for entry in entries:
        url = article_address(response.url, entry["loc"], portal)
        if url:
            date = entry.get("publication_date") or entry.get("lastmod")
            link = Listed(url=url, title=entry.get("title"), date=date, channel=listing.channel)
            found.setdefault(url_key(url), link)
    return ListingPage(links=tuple(found.values()), shown=len(entries), claimed=len(entries))


def _entries(response: Response) -> tuple[str, list[dict[str, str]]]:
    """The root's name and, an entry, the texts below it by their names without namespace."""
    body = response.body
    if body.startswith(_GZIP):
        try:
            body = gunzip(body, max_size=_MAX_BYTES)
        except (OSError, EOFError, ValueError) as error:
            raise ValueError(f"{response.url} cannot be unpacked: {error}") from None
    parser = etree.iterparse(
        BytesIO(body),
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
    )
    root, entries = "", []
    try:
        for event, element in parser:
            name = etree.QName(element).localname
            if event == "start":
                root = root or name
            elif name in ("url", "sitemap"):
                entry = {
                    etree.QName(child).localname: text
                    for child in element.iterdescendants(etree.Element)
                    if (text := tidy(child.text))
                }
                if "loc" in entry:
                    entries.append(entry)
                element.clear()
    except etree.XMLSyntaxError:
        root = ""
    if root not in ("urlset", "sitemapindex"):
        raise ValueError(
            f"{response.url} is no sitemap (its root is {root or 'no XML'!r}); look in the host's"
            " robots.txt for the address of the sitemap"
        )
    return root, entries
