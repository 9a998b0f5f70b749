"""A portal's layouts applied to a page: which one fits, and what its selectors read.

Called by ``crawler.extract.article``.
"""

from lxml.etree import _Element as Element
from parsel import Selector

from crawler.extract.text import element_text, normalise
from crawler.portal import Layout, Portal


def choose_layout(selector: Selector, portal: Portal | None) -> tuple[Layout, Element] | None:
    """The first layout whose ``content`` selects an element with text or an image, and that."""
    for layout in portal.layouts if portal else ():
        for found in selector.css(layout.content):
            element = found.root
            if isinstance(element, Element) and _has_content(element):
                return layout, element
    return None


def has_emptied_content(selector: Selector, portal: Portal) -> bool:
    """Whether the place of the main content is there, by some layout, and empty by all of them."""
    found = [
        match.root
        for layout in portal.layouts
        for match in selector.css(layout.content)
        if isinstance(match.root, Element)
    ]
    return bool(found) and not any(_has_content(element) for element in found)


def read_field(selector: Selector, css: str | None) -> str | None:
    """Normalised text of the first match that has any; ``None`` without rule or text."""
    if css is None:
        return None
    for found in selector.css(css):
        root = found.root
        text = element_text(root) if isinstance(root, Element) else normalise(str(root))
        if text:
            return text
    return None


def read_link(selector: Selector, css: str | None) -> str | None:
    """Address of the first link in the first match of ``css``."""
    if css is None or "::" in css:
        return None
    for found in selector.css(css)[:1]:
        address = found.xpath("descendant-or-self::a/@href").get()
        if address:
            return str(address)
    return None


def removed_elements(selector: Selector, css: str | None) -> set[Element]:
    """Elements a layout's ``drop`` rule names."""
    if css is None:
        return set()
    return {found.root for found in selector.css(css) if isinstance(found.root, Element)}


def _has_content(element: Element) -> bool:
    return bool(element_text(element)) or element.find(".//img") is not None
