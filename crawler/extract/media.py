"""Images, links and attached files of the main content.

Called by ``crawler.extract.article``.
"""

import re
from urllib.parse import unquote, urlsplit

from lxml.etree import _Element as Element

from crawler.extract.blocks import is_caption_line
from crawler.extract.content import Content, image_address, is_large_image
from crawler.extract.page import Page
from crawler.extract.text import Line, element_text, normalise
from storage import Attachment, Image, Link

_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|pptx?|zip|rar|7z|csv|txt|ceb)\Z|/download\.jsp", re.IGNORECASE
)
_ATTACHMENT_NAME = re.compile(r"attach|fujian|filelist|file-list|download|fj", re.IGNORECASE)
_AFTER = 12  # lines after the text in which a page lists its attachments
_NO_LINK = re.compile(r"javascript:|mailto:|tel:|#", re.IGNORECASE)


def read_images(page: Page, lines: list[Line], numbers: list[int]) -> tuple[Image, ...]:
    """Content images among the lines ``numbers``, each address once."""
    images: dict[str, Image] = {}
    for position, number in enumerate(numbers):
        element = lines[number].image
        if element is None or not is_large_image(element):
            continue
        url = page.absolute(image_address(element))
        if url is None or url in images:
            continue
        caption: str | None = None
        if position + 1 < len(numbers):
            following = lines[numbers[position + 1]]
            if following.text and is_caption_line(following, follows_image=True):
                caption = following.text
        alt = normalise(element.get("alt") or "") or None
        images[url] = Image(url=url, alt=alt, caption=caption)
    return tuple(images.values())


def read_links(page: Page, lines: list[Line], numbers: list[int]) -> tuple[Link, ...]:
    """Hyperlinks of the text that are neither files nor anchors, each address once."""
    links: dict[str, Link] = {}
    for number in numbers:
        for element in lines[number].links:
            url = _link_url(page, element)
            if url and url not in links and not is_file(url):
                links[url] = Link(url=url, text=element_text(element) or None)
    return tuple(links.values())


def read_attachments(
    page: Page, lines: list[Line], numbers: list[int], content: Content
) -> tuple[Attachment, ...]:
    """Files linked in the text, or listed in or right after it as attachments.

    Listed: under 附件 or in an attachment element, also one that the layout drops from the text.
    """
    found: dict[str, Attachment] = {}
    listed = [
        number
        for number in range(content.first, min(content.last + _AFTER, len(lines)))
        if lines[number].links and _is_attachment_line(lines[number])
    ]
    for number in (*numbers, *listed):
        for element in lines[number].links:
            url = _link_url(page, element)
            if url and url not in found and is_file(url):
                name = element_text(element) or normalise(element.get("title") or "") or None
                found[url] = Attachment(url=url, name=name)
    return tuple(found.values())


def is_file(url: str) -> bool:
    """Whether an address leads to a document rather than a page."""
    return bool(_FILE.search(unquote(urlsplit(url).path)))


def _is_attachment_line(line: Line) -> bool:
    if line.text.startswith("附件"):
        return True
    elements = [line.owner, *line.owner.iterancestors()][:4]
    return any(
        _ATTACHMENT_NAME.search(f"{element.get('class') or ''} {element.get('id') or ''}")
        for element in elements
    )


def _link_url(page: Page, element: Element) -> str | None:
    address = (element.get("href") or "").strip()
    return None if not address or _NO_LINK.match(address) else page.absolute(address)
