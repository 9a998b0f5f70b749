"""Blocks of a sample article as HTML: the part all page families share.

Called by the families' ``article_html``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import groupby

from tests.site.record import SampleArticle

Block = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How a family marks up blocks: ``heading`` and ``paragraph`` hold ``{}`` for the text."""

    heading: str
    paragraph: str
    indent: str = ""  # characters in front of a paragraph's text


def body_html(article: SampleArticle, page: int, marks: Marks) -> str:
    """The blocks of page ``page``, from 1, with the article's images on the first page."""
    blocks = article.pages[page - 1]
    captioned = {image["caption"] for image in article.images if image.get("caption")}
    parts = []
    if page == 1:
        parts += [_image(image) for image in article.images if image.get("caption") is None]
    if article.show.style == "br":
        return "\n".join([*parts, _lines(blocks, marks)])
    for kind, group in groupby(blocks, key=lambda block: block["kind"]):
        if kind == "list_item":
            items = "\n".join(f"<li>{escape(block['text'])}</li>" for block in group)
            parts.append(f"<ul>\n{items}\n</ul>")
            continue
        for block in group:
            if kind == "caption" and block["text"] in captioned:
                image = next(i for i in article.images if i.get("caption") == block["text"])
                parts.append(_image(image))
            parts.append(_block(block, marks))
    return "\n".join(parts)


def _block(block: Block, marks: Marks) -> str:
    text = escape(block["text"], quote=False)
    match block["kind"]:
        case "heading":
            return marks.heading.format(text)
        case "table":
            return _table(block["text"])
        case "quote":
            return f"<blockquote>{text}</blockquote>"
        case "caption":
            return f'<p class="caption" align="center">{text}</p>'
        case _:
            return marks.paragraph.format(marks.indent + _bold_question(text))


def _bold_question(text: str) -> str:
    return f"<strong>问：</strong>{text[2:]}" if text.startswith("问：") else text


def _lines(blocks: Iterable[Block], marks: Marks) -> str:
    indent = marks.indent or "　　"
    return "<br><br>\n".join(indent + escape(block["text"], quote=False) for block in blocks)


def _table(text: str) -> str:
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row.split("\t")) + "</tr>"
        for row in text.split("\n")
    )
    return f'<table border="1" cellspacing="0"><tbody>\n{rows}\n</tbody></table>'


def _image(image: dict[str, str]) -> str:
    alt = escape(image.get("alt") or "")
    return f'<p align="center"><img src="{image["url"]}" alt="{alt}" width="900" height="1600"></p>'
