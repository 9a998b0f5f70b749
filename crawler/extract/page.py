"""A page as a tree: decoded, parsed, with its address; what every other part reads from.

Called by ``crawler.extract.article``.
"""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.etree import _Element as Element

from crawler.extract.decode import decode_body
from crawler.extract.errors import ExtractionError
from storage import canonical_url

NO_URL = "about:blank"  # Article.url when the caller knows no address
# libxml2 stops at 2,048 nested elements even with huge_tree; the rest of the page is then lost.
# An element takes up to 600 bytes here: a page of 20 MB that is all tags would take a gigabyte.
# The largest real pages have a few ten thousand.
_MOST_TAGS = 690_000
_DEPTH_MESSAGE = "Excessive depth"
# Characters XML cannot hold; lxml refuses them or ends the document there.
_CONTROLS = bytes((*range(9), 11, *range(14, 32), 127))
_NO_CHARACTERS = ("\ufffe", "\uffff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed page. ``url`` is the address it was fetched from, ``None`` when unknown.

    ``metas`` holds the contents of the ``meta`` elements by lower-case name or property, ``base``
    what its relative addresses are joined to. ``canonical`` is ``url`` in its canonical form.
    """

    url: str | None
    root: Element
    metas: dict[str, list[str]]
    canonical: str
    base: str | None
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
            joined = "".join(address.split())
            if not joined.startswith(("http://", "https://")):
                joined = urljoin(self.base or "", joined)
            parts = urlsplit(joined)
            return joined if parts.scheme in ("http", "https") and parts.hostname else None
        except ValueError:
            return None


def parse_page(body: bytes | str, *, url: str | None, content_type: str | None) -> Page:
    """The page in ``body``; raises ``ExtractionError`` when there is no page in it."""
    where = url or "no address given"
    canonical = normalise_url(url)
    decoded = decode_body(body, content_type, where)
    if _has_too_many_tags(decoded.text):
        raise ExtractionError(
            f"the page has more than {_MOST_TAGS:,} tags ({where}): no article; look at the"
            " stored capture"
        )
    text = decoded.text
    for character in _NO_CHARACTERS:
        text = text.replace(character, "")
    markup = text.encode("utf-8", "ignore").translate(None, _CONTROLS)
    # The parser of lxml.html would make each element a class of Python's; this one is faster.
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(markup, parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ExtractionError(
            f"the page cannot be parsed ({where}): {error}; look at the stored capture"
        ) from None
    if root is None:
        raise ExtractionError(f"the page holds no element ({where}); look at the stored capture")
    if any(_DEPTH_MESSAGE in entry.message for entry in parser.error_log):
        raise ExtractionError(
            f"the page is nested too deep ({where}): more than 2,048 elements inside each other;"
            " look at the stored capture, no browser shows such a page either"
        )
    return Page(
        url=url,
        root=root,
        metas=_read_metas(root),
        canonical=canonical,
        base=_base_url(root, canonical),
        html=decoded.text,
        encoding=decoded.encoding,
        decode_errors=decoded.errors,
    )


def _has_too_many_tags(html: str) -> bool:
    if len(html) < 3 * _MOST_TAGS:  # the shortest tag is `<b>`
        return False
    return html.count("<") - html.count("</") > _MOST_TAGS


def _read_metas(root: Element) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("name") or element.get("property") or element.get("itemprop")
        content = element.get("content")
        if name and content:
            metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def _base_url(root: Element, canonical: str) -> str | None:
    """What relative addresses are joined to: the page's address, or its ``base`` element's."""
    own = canonical if canonical != NO_URL else None
    stated = next((base.get("href") for base in root.iter("base") if base.get("href")), None)
    if not stated:
        return own
    try:
        return urljoin(own or "", "".join(stated.split()))
    except ValueError:
        return own


def normalise_url(url: str | None) -> str:
    """The canonical form of ``url``; ``NO_URL`` for ``None``. Raises ``ExtractionError``."""
    if url is None:
        return NO_URL
    try:
        return canonical_url(url)
    except ValueError as error:
        raise ExtractionError(f"{error}; give the absolute address of the page") from None
