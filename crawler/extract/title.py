"""The headline of a page and where it stands; its parts.

Called by ``crawler.extract.article``. The document title is complete but carries the site's name,
the visible headline is clean but one of many headings; each is read with the help of the other.
"""

import re
from dataclasses import dataclass

from crawler.extract.content import is_hidden_line, weigh
from crawler.extract.dates import parse_moment
from crawler.extract.labels import HEADER, SOURCE_LINE, fold_label
from crawler.extract.page import Page
from crawler.extract.text import Line, normalise
from crawler.extract.words import words

# Tags a newspaper appends to a headline in brackets (题花); a Portal adds its own.
COLUMN_TAGS = frozenset(
    words(
        """
    政策解读 权威发布 政策问答 经济新方位 权威解读 专家解读 政策解析 政策速递 解读 图解
    一图读懂 答记者问 推动高质量发展·权威发布 新闻发布会 热点解读 权威访谈 权威论坛 深度观察
    国务院政策例行吹风会 民生视线 聚焦高质量发展 新数据新看点 经济聚焦 政策落地 实录 全文
    图文 视频
    """
    )
) - {"全文", "图文", "视频"}
_TAGGED = re.compile(r"(.+?)\s*[(（]([^()（）]{2,16})[)）]\s*\Z")

_META_TITLES = ("articletitle", "og:title", "twitter:title")
_SEPARATOR = re.compile(r"\s*(?:_+|\|+|--+|——|\s[-–—·»«:]\s|－|-(?=[^-]*\Z)|-(?=[^a-z0-9]))\s*")
_SITE_WORDS = re.compile(
    r"(?:网|频道|新闻|日报|晚报|早报|在线|首页|资讯|门户|中心|栏目|客户端|论坛|博客|专题|滚动|时政|要闻|正文|政府)\Z"
    r"|网|\.(?:com|cn|net|org)|news|times|post|daily|bbc|cnn",
    re.IGNORECASE,
)
_TITLE_NAME = re.compile(r"title|headline|\btit\b|biaoti", re.IGNORECASE)
_KICKER_NAME = re.compile(
    r"(?:\A|[\s_-])(?:pre(?:title)?|kicker|y[iy]nti|jianti|over(?:line|title)?|lead|shoulder|eyebrow"
    r"|up-?title)(?:\Z|[\s_-])",
    re.IGNORECASE,
)
_SUBTITLE_NAME = re.compile(r"(?:\A|[\s_-])(?:sub-?(?:title|head)?|futi|fubiao)(?:\Z|[\s_-])", re.I)
_TAGS = re.compile(r"<[^<>]{1,200}>")
_KEY = re.compile(r"[\W_]+")
_LONGEST = 200
_LONGEST_META = 400
_LOOK_AHEAD = 60  # lines in which text should follow the headline


@dataclass(frozen=True, slots=True)
class Title:
    """The headline and the number of its line, ``None`` when it is only in the metadata."""

    text: str | None
    line: int | None


def find_title(page: Page, lines: list[Line], stated: str | None) -> Title:
    """The headline; ``stated`` is what a layout's own rule read and then decides the text.

    A copy that a reader sees is preferred to a hidden one.
    """
    documents = _document_titles(page)
    if stated:
        return Title(stated, _line_of(stated, lines))
    candidates = _find_candidates(lines, documents)
    if candidates:
        number = max(candidates, key=lambda found: (candidates[found], -found))
        return Title(lines[number].text, number)
    cleaned = [clean_document_title(text) for text in documents]
    cleaned = [text for text in cleaned if text]
    if cleaned:
        return Title(cleaned[0], _line_of(cleaned[0], lines))
    for number, line in enumerate(lines):
        if line.level in (1, 2) and 4 <= len(line.text) <= _LONGEST and not is_hidden_line(line):
            return Title(line.text, number)
    return Title(None, None)


def _find_candidates(lines: list[Line], documents: list[str]) -> dict[int, float]:
    """Lines that can be the headline by what the document title says, and how far each is."""
    keys = [title_key(text) for text in documents]
    parts = [[title_key(part) for part in _SEPARATOR.split(text)] for text in documents]
    beginnings, endings = {part[0] for part in parts}, {part[-1] for part in parts if part[1:]}
    found: dict[int, float] = {}
    is_begun = False
    for number, line in enumerate(lines):
        if not 2 <= len(line.text) <= _LONGEST or (line.link_share > 0.5 and line.level is None):
            continue
        rating = _rate(line, keys)
        if rating <= 0:
            continue
        is_begun = is_begun or title_key(line.text) in beginnings
        rating -= 2.0 if is_hidden_line(line) else 0.0
        found[number] = rating - _distance_to_text(lines, number) / _LOOK_AHEAD
    if is_begun:  # `雄安新区 - 维基百科，自由的百科全书`: the rest is the site's name or motto
        for number in found:
            if lines[number].level is None and title_key(lines[number].text) in endings:
                found[number] -= 2.0
    return found


def find_kicker(lines: list[Line], number: int | None) -> str | None:
    """The line above the headline (肩题): in the same element, marked up as one, no label."""
    if not number or not _is_beside(lines, number, number - 1):
        return None
    above = lines[number - 1]
    return above.text if above.level or _KICKER_NAME.search(_names_of(above)) else None


def find_subtitle(lines: list[Line], number: int | None) -> str | None:
    """The line under the headline (副题), found as the kicker is."""
    if number is None or not _is_beside(lines, number, number + 1):
        return None
    below = lines[number + 1]
    return below.text if _SUBTITLE_NAME.search(_names_of(below)) else None


def _is_beside(lines: list[Line], number: int, other: int) -> bool:
    """Whether ``other`` is a short plain line in the element that holds the headline."""
    if not 0 <= other < len(lines):
        return False
    line, title = lines[other], lines[number]
    return (
        4 <= len(line.text) <= 60
        and not line.link_chars
        and line.owner is not title.owner
        and line.owner.getparent() is title.owner.getparent()
        and parse_moment(line.text) is None
        and title_key(line.text) != title_key(title.text)
        and not HEADER.match(fold_label(line.text))
        and not SOURCE_LINE.match(fold_label(line.text))
    )


def _names_of(line: Line) -> str:
    return f"{line.owner.get('class') or ''} {line.owner.get('id') or ''}"


def split_column_tag(title: str, extra: tuple[str, ...]) -> tuple[str, str | None]:
    """Headline and column tag: ``推进…转型(政策解读)`` gives the text before and 政策解读."""
    found = _TAGGED.match(title) if len(title) <= _LONGEST else None
    if found and (found.group(2) in COLUMN_TAGS or found.group(2) in extra):
        return found.group(1), found.group(2)
    return title, None


def title_key(text: str) -> str:
    """A headline reduced to its letters and characters, to compare two forms of it."""
    return _KEY.sub("", text).lower()


def clean_document_title(text: str) -> str:
    """A document title without the names of channel and site at its end."""
    while True:
        parts = list(_SEPARATOR.finditer(text))
        if not parts:
            return text.strip()
        last = parts[-1]
        head, tail = text[: last.start()].strip(), text[last.end() :].strip()
        certain = last.group().strip() in ("_", "|", "--") or last.group().strip("_|") == ""
        if not head or len(tail) > max(24, len(head)):
            return text.strip()
        if not certain and not _SITE_WORDS.search(tail):
            return text.strip()
        text = head


def _document_titles(page: Page) -> list[str]:
    found: list[str] = []
    for name in _META_TITLES:
        for value in page.metas.get(name, ())[:2]:
            text = normalise(_TAGS.sub(" ", value[:_LONGEST_META]))
            if text and text != "null":
                found.append(text)
    # a title elsewhere than in the head belongs to a picture (svg) or a form
    titles = [
        title for title in page.root.iter("title") if next(title.iterancestors("svg"), None) is None
    ]
    own = [title for title in titles if (up := title.getparent()) is not None and up.tag == "head"]
    for element in (own or titles)[:1]:
        text = normalise("".join(str(part) for part in element.itertext())[:_LONGEST_META])
        if text:
            found.append(text)
    # An unescaped quotation mark ends an attribute early: keep the longer of two that begin alike.
    keys = [title_key(text) for text in found]
    return [
        text
        for text, key in zip(found, keys, strict=True)
        if not any(other != key and len(key) > 3 and other.startswith(key) for other in keys[:-1])
        or key == keys[-1]
    ]


def _rate(line: Line, keys: list[str]) -> float:
    """How far a line is the headline: what the document title says, then how it is marked up."""
    key = title_key(line.text)
    if len(key) < 2:
        return 0.0
    rating = 0.0
    for document in keys:
        if key == document:
            rating = max(rating, 4.0)
        elif len(key) >= 4 and document.startswith(key):
            rating = max(rating, 2.0 + 2.0 * len(key) / len(document))
        elif len(key) >= 6 and key in document:
            rating = max(rating, 1.0 + 2.0 * len(key) / len(document))
        elif len(document) >= 8 and key.startswith(document) and len(key) < 2 * len(document):
            rating = max(rating, 3.0)
    if not rating:
        return 0.0
    if line.level == 1:
        rating += 1.0
    elif (line.level is not None and line.level <= 4) or _TITLE_NAME.search(_names_of(line)):
        rating += 0.6
    elif line.kind != "paragraph" or line.link_share:
        rating -= 1.5
    return rating


def _distance_to_text(lines: list[Line], number: int) -> int:
    for ahead in range(1, _LOOK_AHEAD):
        if number + ahead >= len(lines) or weigh(lines[number + ahead]) > 25:
            return ahead
    return _LOOK_AHEAD


def _line_of(title: str, lines: list[Line]) -> int | None:
    key = title_key(title)
    numbers = [number for number, line in enumerate(lines) if title_key(line.text) == key]
    seen = [number for number in numbers if not is_hidden_line(lines[number])] or numbers
    return min(seen, key=lambda number: _distance_to_text(lines, number)) if seen else None
