"""Which documents an article explains, as against merely cites, and what shows it.

Called by ``crawler.extract.policy``.
"""

import re
from collections import Counter
from collections.abc import Sequence

from crawler.extract.policy.documents import full_keys, scan_titles
from crawler.extract.policy.title_kinds import is_generic, title_kind
from crawler.extract.policy.view import Part, fold
from storage import Article
from storage.document_key import match_key
from storage.entities import Citation, Interpreted, IssuingAct, ShortName

# Words of a headline, a column tag or an address that make the article an interpretation.
_EXPLAINS = re.compile(
    r"解读|图解|一图|读懂|答记者问|问答|解析|解答|详解|看这里|吹风会|发布会|明白|关注|划重点"
)
_ADDRESS = re.compile(r"/(?:zcjd|zjjd|mtjd|jiedu|zhengcejiedu|jd)/")
_SAID = re.compile(r"(?:就|对|围绕)[^。]{0,12}\Z")
_SAID_AFTER = re.compile(
    r"[^。]{0,40}?(?:答记者问|进行了?解读|作了?解读|回答了?记者|接受[^。]{0,12}采访)"
)
_LEAD_BLOCKS = 5
_MENTIONS = 4  # of a document or its short name; fewer do not make it the subject


def find_interpreted(
    article: Article,
    parts: Sequence[Part],
    citations: Sequence[Citation],
    acts: Sequence[IssuingAct],
    short_names: Sequence[ShortName],
) -> tuple[Interpreted, ...]:
    """The documents that are the subject of the article; ``()`` when nothing shows one."""
    keys = {c.key: n for n, c in reversed(list(enumerate(citations))) if c.key}
    shows: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    full = full_keys(keys)
    for title, named in _in_headline(article):
        headline_key = full.get(named, named)
        shows.setdefault(headline_key, []).append("title")
        titles[headline_key] = (
            title if headline_key == named else citations[keys[headline_key]].title
        )
    is_titled = bool(shows)
    counts = Counter(_key(citations, number) for number in range(len(citations)))
    is_interpretation = _is_interpretation(article)
    declared = {_key(citations, s.citation) for s in short_names if s.citation is not None}
    blocks = {part.block: part for part in parts}
    lead = {part.block for part in parts[:_LEAD_BLOCKS]}
    for number, citation in enumerate(citations):
        key = _key(citations, number)
        if key is None or citation.kind != "document":
            continue
        evidence = shows.setdefault(key, [])
        titles.setdefault(key, citations[keys[key]].title)
        if _is_said(blocks[citation.block], citation):
            _add(evidence, "said")
        is_many = counts[key] >= _MENTIONS and key in declared
        is_issued = citation.act is not None and citation.block in lead
        if is_issued and (is_many or (is_interpretation and not is_titled)):
            _add(evidence, "issued")
            if key in declared:
                _add(evidence, "alias")
        if is_many and (is_issued or is_interpretation):
            _add(evidence, "mentions")
    return tuple(
        Interpreted(title=titles[key], key=key, evidence=tuple(found), citation=keys.get(key))
        for key, found in shows.items()
        if found
    )


def _key(citations: Sequence[Citation], number: int) -> str | None:
    """The key of the document that a citation names or stands for."""
    document = citations[number].document
    return citations[number if document is None else document].key


def _in_headline(article: Article) -> list[tuple[str, str]]:
    title = article.title or ""
    if not _is_interpretation(article):
        return []
    found = []
    part = Part(0, 0, fold(title))
    for start, end in scan_titles(part):
        inner = title[start + 1 : end - 1].strip()
        if title_kind(inner)[0] == "document" and not is_generic(inner):
            found.append((inner, match_key(inner)))
    return found


def _is_interpretation(article: Article) -> bool:
    words = f"{article.title or ''} {article.column_tag or ''}"
    return bool(_EXPLAINS.search(words) or _ADDRESS.search(article.url))


def _is_said(part: Part, citation: Citation) -> bool:
    start, end = citation.start - part.start, citation.end - part.start
    before = part.view[max(start - 24, 0) : start]
    if before.endswith("解读") and not before.endswith("政策解读"):
        return True
    return bool(_SAID.search(before) and _SAID_AFTER.match(part.view, end))


def _add(evidence: list[str], word: str) -> None:
    if word not in evidence:
        evidence.append(word)
