"""What a bibliography says of an archived version: who, what, where, when, and which content.

Made from a stored version by ``storage.cite``, which puts it into the citation styles.
"""

import datetime as dt
import re
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from storage.identity import url_key
from storage.permalink import permalink
from storage.record import Article, Version, calendar_date

_UNTITLED = "[无题名]"  # in square brackets, as what the cataloguer supplies is
# 本报评论员 and the like: the outlet speaks, not a person. A reporter without a name says nothing.
_OWN = re.compile(r"本[报刊网台社]")
_PEN = re.compile(rf"(?:{_OWN.pattern})?(?:特约)?(?:评论员|编辑部|评论部)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One version as a reference.

    ``authors`` are persons as the page prints them, or one body when ``is_corporate``; they are
    empty when the newspaper named in ``medium`` is all that is known. ``medium``, ``issued`` and
    ``page`` are those of the print original when ``is_print``; otherwise ``medium`` is the credited
    outlet and ``issued`` the day the page was posted. ``accessed`` is the calendar day in Shanghai
    on which the archive saw the version, unless another was given. ``key`` is the same for the same
    version of an article in every archive that numbers it alike.
    """

    key: str
    authors: tuple[str, ...]
    is_corporate: bool
    title: str
    is_print: bool
    medium: str | None
    issued: dt.date | None
    page: str | None
    url: str
    permalink: str
    version: int
    digest: str
    captured_at: dt.datetime
    accessed: dt.date


def make_reference(url: str, version: Version, accessed: dt.date | None = None) -> Reference:
    """The reference of a version of the article whose canonical address is ``url``."""
    article = version.article
    origin = article.origin
    is_print = origin is not None and origin.date is not None
    medium = origin.medium if origin is not None and is_print else article.source
    authors, is_corporate = _authors(article, url, medium, is_print=is_print)
    day = calendar_date(version.captured_at)
    assert day is not None
    return Reference(
        key=_key(url, version, article),
        authors=authors,
        is_corporate=is_corporate,
        title=" ".join((article.title or _UNTITLED).split()),
        is_print=is_print,
        medium=medium,
        issued=origin.date
        if origin is not None and is_print
        else article.posted_date or article.published_date,
        page=origin.page if origin is not None and is_print else None,
        url=url,
        permalink=permalink(url, version.number, version.digest),
        version=version.number,
        digest=version.digest,
        captured_at=version.captured_at,
        accessed=accessed or day,
    )


def _authors(
    article: Article, url: str, medium: str | None, *, is_print: bool
) -> tuple[tuple[str, ...], bool]:
    """Persons; else the outlet's own pen (评论员); else the outlet, or the portal's host.

    本报 is understood beside the newspaper's name, and becomes the outlet's name without it. A
    newspaper is not named as its own author: the numeric style of GB/T 7714-2015 lets the author
    out when there is none.
    """
    if article.authors:
        return article.authors, False
    role = (article.byline_role or "").strip()
    if role and _PEN.fullmatch(role):
        if is_print or not _OWN.match(role):
            return (role,), True
        return (_OWN.sub(article.source or _host(url), role, count=1),), True
    if is_print and medium is not None and (not article.source or medium in article.source):
        return (), True
    return (article.source or _host(url),), True


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _key(url: str, version: Version, article: Article) -> str:
    """ASCII letters, digits and underscores, whatever the address: BibTeX takes no others."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", article.portal or "").strip("_") or "article"
    return f"{name}_{sha256(url_key(url).encode()).hexdigest()[:10]}_v{version.number}"
