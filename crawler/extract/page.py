"""A page as a tree: decoded, parsed, with its address; what every other part reads from.

Called by ``crawler.extract.article``.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.extract.decode import decode_body
from crawler.extract.errors import ExtractionError
from storage import canonical_url

NO_URL = "about:blank"  # Article.url when the caller knows no address
# libxml2 stops at 2,048 nested elements even with huge_tree; the rest of the page is then lost.
_DEPTH_MESSAGE = "Excessive depth"
# Characters XML cannot hold; lxml refuses them or ends the document there.
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed page. ``url`` is the address it was fetched from, ``None`` when unknown."""

    url: str | None
    root: HtmlElement
    html: str
    encoding: str | None
    decode_errors: int

    @property
    def where(self) -> str:
        """The address for messages."""
        return self.url or "no address given"

    def absolute(self, address: str | None) -> str | None:
        """``address`` made absolute, or ``None`` when it is no http(s) address."""
        if not address:
            return None
        try:
            joined = urljoin(self.url or "", "".join(address.split()))
            parts = urlsplit(joined)
            return joined if parts.scheme in ("http", "https") and parts.hostname else None
        except ValueError:
            return None


def parse_page(body: bytes | str, *, url: str | None, content_type: str | None) -> Page:
    """The page in ``body``; raises ``ExtractionError`` when there is no page in it."""
    where = url or "no address given"
    decoded = decode_body(body, content_type, where)
    html = _UNUSABLE.sub("", decoded.text)
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(html.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ExtractionError(
            f"the page cannot be parsed ({where}): {error}; look at the stored capture"
        ) from None
    if any(_DEPTH_MESSAGE in entry.message for entry in parser.error_log):
        raise ExtractionError(
            f"the page is nested too deep ({where}): more than 2,048 elements inside each other;"
            " look at the stored capture, no browser shows such a page either"
        )
    return Page(
        url=url,
        root=root,
        html=html,
        encoding=decoded.encoding,
        decode_errors=decoded.errors,
    )


def normalise_url(url: str | None) -> str:
    """The canonical form of ``url``; ``NO_URL`` for ``None``. Raises ``ExtractionError``."""
    if url is None:
        return NO_URL
    try:
        return canonical_url(url)
    except ValueError as error:
        raise ExtractionError(f"{error}; give the absolute address of the page") from None
