"""Times, source and people of an article, from metadata and from the lines around its headline.

Called by ``crawler.extract.article``. What stands far from the headline (sidebars, lists) is
never read: a date there is another article's.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from crawler.extract.content import Content, weigh
from crawler.extract.dates import Moment, parse_moment, refine
from crawler.extract.labels import HEADER, SOURCE_LINE, fold_label
from crawler.extract.page import Page
from crawler.extract.people import (
    UPLOADERS,
    find_labelled_authors,
    fold_width,
    is_editors_line,
    parse_editors,
    split_names,
)
from crawler.extract.text import Line, element_text, normalise
from crawler.extract.words import words

# Names are compared in lower case; in the order in which they are believed.
_TIME_METAS = words(
    """
    pubdate firstpublishedtime article:published_time og:article:published_time
    og:published_time datepublished publishdate publish_date publish-date publishtime
    pub_date og:release_date weibo:article:create_at dc.date dc.date.issued apub:time date
    article_date_original parsely-pub-date sailthru.date
    """
)
_SOURCE_METAS = words(
    """
    contentsource source og:article:source article:source mediaid copyrightfrom
    """
)
_AUTHOR_METAS = ["author", "article:author", "og:article:author"]
_EMPTY = frozenset(("", "null", "none", "undefined", "无", "0"))
# Ids by the convention of Baidu's news index (`*_baidu`) and of common CMS.
_TIME_IDS = words("pubtime_baidu pubtime publish_time news-time con_time datePublished")
_EDITOR_IDS = words("editor_baidu editor")
_AUTHOR_IDS = words("author_baidu author")
_SOURCE_IDS = words("source_baidu source ly")
# The parser keeps a table of the ids; properties take a walk, one for all.
_WITH_ID = etree.XPath(f"id('{' '.join((*_TIME_IDS, *_EDITOR_IDS, *_AUTHOR_IDS, *_SOURCE_IDS))}')")
_WITH_PROPERTY = etree.XPath("//*[@itemprop='author' or @itemprop='datePublished']")
_Named = dict[str, Element]
# Times that only a script of the page states, by the name of their variable or key.
_SCRIPT_NAMES = (
    "var ct",
    *words("publish_time oriCreateTime create_time publishTime pubtime pubTime"),
)
_SCRIPT_TIME = re.compile(
    r"\s*=\s*[\"'](?P<epoch>\d{10})[\"']|[\"']\s*:\s*[\"']?"
    r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?|\d{13}|\d{10})[\"',}]"
)
_PERSON_LABEL = re.compile(
    r"\A(?:作者|发布者|发布人|上传者|by|author)(?:\s*[:：]\s*|\s+|\Z)", re.IGNORECASE
)
_AUTHOR_NAME = re.compile(
    r"(?:\A|[\s_-])(?:author|writer|zuozhe)(?:[\s_-]?name)?(?:\Z|[\s_-])", re.I
)
_OUTLET_ENDS = ("网", "报", "社", "台", "刊", "频道", "客户端", "新闻")
_OWN_SITE = frozenset(("本网", "本站", "本网站", "本站原创", "原创", "本网原创"))
_SOURCE_IN_LINE = re.compile(
    r"(?:文章|信息|稿件|内容|本文|新闻|资料)?(?:来源|稿源|来自|转自|转载自|摘自|出处)\s*(?:[:|]|于)\s*"
    r"(?P<source>《?[^\s|:;,，。、<>()【】]{2,30}》?(?:-《[^》]{1,20}》)?)"
)
_AFTER_SOURCE = re.compile(
    r"(?:作者|编辑|责任编辑|责编|发布|时间|日期|浏览|点击|阅读|字号|字体|分享|打印|记者|原标题|评论|\d{4}[-年/.]\d).*\Z"
)
_BEFORE_TITLE, _AFTER_TITLE = 8, 16  # lines around the headline in which its data stand
_TODAY = re.compile(r"今天是|现在是|农历")
_DEADLINE = re.compile(r"截至|截止|有效期")
_HEAD_LENGTH = 120  # characters of a head line that can name its editor
_CREDIT = 60  # characters of an element that names people
_MOST_JSON = 400_000


@dataclass(slots=True)
class Facts:
    """What metadata and the page's head say; ``posted_is_meta``: metadata state the time."""

    posted: Moment | None = None
    posted_is_meta: bool = False
    source: str | None = None
    source_url: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    uploader: str | None = None


def read_facts(
    page: Page, lines: list[Line], content: Content, title_line: int | None, first_text: int
) -> Facts:
    """Everything about the article that is not its text.

    ``first_text`` is the number of the first line of the text.
    """
    metas = read_metas(page)
    head = _head_lines(lines, content, title_line, first_text)
    named = _find_named(page)
    facts = Facts()
    _read_times(page, metas, named, head, facts)
    _read_source(page, metas, named, head, facts)
    _read_people(page, metas, named, head, facts)
    return facts


def read_metas(page: Page) -> dict[str, str]:
    """``meta`` elements by lower-case name or property; the first with a value counts."""
    metas: dict[str, str] = {}
    for name, contents in page.metas.items():
        values = (normalise(content) for content in contents)
        value = next((value for value in values if value.lower() not in _EMPTY), None)
        if value:
            metas[name] = value
    return metas


def clean_source(text: str | None) -> str | None:
    """An outlet's name without its label and what follows it on the line."""
    if not text:
        return None
    text = normalise(text[:200])
    text = re.sub(
        r"\A[\s|【\[(（]*(?:(?:文章|信息|稿件|本文|新闻|内容)?(?:来源|稿源|来自|转自|出处)\s*(?:[:：|/]|于)?)\s*",
        "",
        text,
    )
    text = _AFTER_SOURCE.sub("", text).strip(" |:：,，;；·-/（(【[])）】")
    return text if 2 <= len(text) <= 40 and not parse_moment(text) else None


def _head_lines(
    lines: list[Line], content: Content, title_line: int | None, first_text: int
) -> list[Line]:
    """Lines around the headline down to the text, without link lists."""
    if title_line is None:
        start, stop = first_text - _BEFORE_TITLE, first_text
    else:
        start = title_line - _BEFORE_TITLE
        stop = min(max(first_text, title_line + 1), title_line + _AFTER_TITLE)
        if first_text < title_line:  # the headline is not above the text
            stop = title_line + 4
    middle = start if title_line is None else title_line
    below = lines[max(middle, 0) : max(stop, 0)]
    above = [line for line in lines[max(start, 0) : max(middle, 0)] if weigh(line) <= 0]
    after = [line for line in lines[content.last : content.last + 3] if len(line.text) <= 60]
    # What stands under the headline is believed first: above it can be a sidebar's end.
    return [
        line
        for line in (*below, *above, *after)
        if line.text
        and line.link_share < 0.75
        and len(line.text) <= 200
        and not _TODAY.search(line.text)
    ]


def _spaced(line: Line) -> str:
    """A head line with a space where elements meet: ``<i>创始人</i><i>2024-06-14</i>``."""
    if line.link_share == 1.0 or len(line.text) > 200:
        return line.text
    spaced = normalise(" ".join(str(text) for text in islice(line.owner.itertext(), 60)))
    return spaced if spaced.replace(" ", "") == line.text.replace(" ", "") else line.text


def _read_times(
    page: Page, metas: dict[str, str], named: _Named, head: list[Line], facts: Facts
) -> None:
    stated = _moments(metas.get(name) for name in _TIME_METAS)
    stated += _moments(_json_values(page.root, "datePublished"))
    shown = _moments(
        element.get("data-val") or element.get("datetime") or element_text(element)
        for element in _pick(named, _TIME_IDS)
    )
    for line in head:
        if not _DEADLINE.search(line.text):
            moment = parse_moment(line.text) or parse_moment(_spaced(line))
            shown += [moment] if moment else []
    shown += _moments(_time_elements(page.root))
    if all(moment.precision == "day" for moment in stated + shown):
        shown += _moments(_script_times(page.html))
    if not stated and not shown:
        return
    facts.posted_is_meta = bool(stated)
    facts.posted = refine((stated or shown)[0], stated + shown)


def _moments(texts: Iterable[str | None]) -> list[Moment]:
    return [moment for moment in map(parse_moment, texts) if moment]


def _find_named(page: Page) -> _Named:
    """The first element of each id and property that may state a fact, by its name."""
    named: dict[str, Element] = {}
    for element in _WITH_ID(page.root):
        named.setdefault(element.get("id") or "", element)
    for element in _WITH_PROPERTY(page.root) if "itemprop" in page.html else ():
        named.setdefault(element.get("itemprop") or "", element)
    return named


def _pick(named: _Named, names: tuple[str, ...]) -> list[Element]:
    return [named[name] for name in names if name in named]


def _time_elements(root: Element) -> Iterator[str]:
    for element in root.iter("time"):
        inside = any(parent.tag in ("article", "header") for parent in element.iterancestors())
        if inside and element.get("datetime"):
            yield element.get("datetime") or ""
            return


def _script_times(html: str) -> Iterator[str]:
    """Times that only scripts state; a search for fixed names is much faster than a pattern."""
    for name in _SCRIPT_NAMES:
        start = html.find(name)
        while start >= 0:
            whole = not html[start - 1 : start].isalnum()
            found = _SCRIPT_TIME.match(html, start + len(name)) if whole else None
            if found:
                yield found["epoch"] or found["time"]
                break
            start = html.find(name, start + 1)


def _read_source(
    page: Page, metas: dict[str, str], named: _Named, head: list[Line], facts: Facts
) -> None:
    candidates: list[tuple[str, Element | None]] = [
        (element_text(element), element) for element in _pick(named, _SOURCE_IDS)
    ]
    for line in head:
        spaced = _spaced(line)
        found = _SOURCE_IN_LINE.search(fold_width(spaced))
        whole = SOURCE_LINE.match(fold_label(line.text))
        if found:
            start, end = found.span("source")
            candidates.append((spaced[start:end], line.owner))
        elif whole:
            candidates.append((whole["source"], line.owner))
    candidates = [(text, element) for text, element in candidates if clean_source(text)]
    for name in _SOURCE_METAS:
        if name in metas and clean_source(metas[name]):
            visible = next(
                (e for t, e in candidates if clean_source(t) == clean_source(metas[name])), None
            )
            candidates.insert(0, (metas[name], visible))
            break
    if not candidates:
        return
    source = clean_source(candidates[0][0])
    if source in _OWN_SITE:
        source = metas.get("sitename") or source
    facts.source = source
    facts.source_url = _link_of(page, candidates, source)


def _link_of(
    page: Page, candidates: list[tuple[str, Element | None]], source: str | None
) -> str | None:
    for _, element in candidates:
        if element is None:
            continue
        for link in element.iter("a"):
            text = element_text(link)
            if source and text and (text in source or source in text):
                url = page.absolute(link.get("href"))
                if url:
                    return url
    return None


def _read_people(
    page: Page, metas: dict[str, str], named: _Named, head: list[Line], facts: Facts
) -> None:
    for element in _pick(named, _EDITOR_IDS):
        text = element_text(element)
        if len(text) <= _CREDIT:  # themes call the container of the text `editor` as well
            facts.editors = parse_editors(text) or split_names(re.sub(r".*[:：]", "", text))
            break
    authors: tuple[str, ...] = ()
    for element in _pick(named, _AUTHOR_IDS):
        text = element_text(element)
        if len(text) <= _CREDIT:
            authors = split_names(re.sub(r"\A.{0,4}[:：]\s*", "", text))
            break
    if not facts.editors:
        facts.editors = next((names for names in map(_line_editors, head) if names), ())
    for line in head:
        facts.uploader = facts.uploader or _find_uploader(_spaced(line))
        if not authors and not is_editors_line(line.text) and len(line.text) <= 120:
            authors = find_labelled_authors(_spaced(line))
    authors = authors or _signed_accounts(page, metas, head, facts)
    facts.authors = tuple(
        name for name in authors if name not in facts.editors and name not in UPLOADERS
    )


def _line_editors(line: Line) -> tuple[str, ...]:
    return parse_editors(line.text) if len(line.text) <= _HEAD_LENGTH else ()


def _signed_accounts(
    page: Page, metas: dict[str, str], head: list[Line], facts: Facts
) -> tuple[str, ...]:
    """Who metadata, or an element called author in the head, say wrote it: also pen names.

    CMS put editors, numbers and the site's name there: believed only when the page shows the name
    in its head, as no editor and no outlet.
    """
    stated = [metas.get(name, "") for name in _AUTHOR_METAS]
    stated += [name for name in _json_authors(page.root) if name]
    stated += [normalise(text) for line in head for text in _author_elements(line)]
    stated = [given for given in stated if given]
    if not stated:
        return ()
    tokens = {token for line in head for token in _head_tokens(line)}
    edited = {name for line in head for name in parse_editors(line.text)}
    credits = " ".join(line.text for line in head if is_editors_line(line.text))
    for given in stated:
        name = _PERSON_LABEL.sub("", given).strip()
        outlet = name == facts.source or name.endswith(_OUTLET_ENDS)
        control = HEADER.match(fold_label(name)) is not None
        shown = 2 <= len(name) <= 20 and name in tokens
        if shown and not (outlet or control or name in edited or name in credits):
            return (name,)
    return ()


def _head_tokens(line: Line) -> Iterator[str]:
    """What stands between spaces, bars and tags of a head line, labels taken off."""
    yield line.text
    yield from re.findall(r"[A-Z][\w.'-]+(?: [A-Z][\w.'-]+){1,3}", line.text)  # Latin names
    yield from re.split(r"[\s|:：]+", fold_width(_spaced(line)))
    for element in line.owner.iter():
        if element.text:
            yield _PERSON_LABEL.sub("", normalise(element.text)).strip()


def _author_elements(line: Line) -> Iterator[str]:
    for element in line.owner.iter():
        named = f"{element.get('class') or ''} {element.get('rel') or ''}"
        if _AUTHOR_NAME.search(named):
            yield element_text(element)


def _json_authors(root: Element) -> Iterator[str]:
    for value in _json_items(root, "author"):
        for item in value if isinstance(value, list) else [value]:
            name = item.get("name") if isinstance(item, dict) else item
            if isinstance(name, str):
                yield normalise(name)


def _find_uploader(text: str) -> str | None:
    """The role name in a head line, bare or after a label; elsewhere 系统 is an ordinary word."""
    if len(text) > 80:
        return None
    for token in fold_width(text).replace("|", " ").split():
        name = _PERSON_LABEL.sub("", token)
        if name.lower() in UPLOADERS:
            return name
    return None


def _json_values(root: Element, key: str) -> Iterator[str]:
    """The texts under ``key`` anywhere in the page's JSON-LD."""
    return (value for value in _json_items(root, key) if isinstance(value, str))


def _json_items(root: Element, key: str) -> Iterator[Any]:
    scripts = (s for s in root.iter("script") if s.get("type") == "application/ld+json")
    for script in islice(scripts, 5):
        text = script.text or ""
        if key not in text or len(text) > _MOST_JSON:
            continue
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        pending: list[Any] = [data]
        while pending:
            item = pending.pop()
            if isinstance(item, dict):
                if key in item:
                    yield item[key]
                pending.extend(item.values())
            elif isinstance(item, list):
                pending.extend(item[:200])
