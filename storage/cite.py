"""A version of an article as a bibliography wants it: GB/T 7714-2015, BibTeX, CSL-JSON.

``Archive.cite`` and `jiedu cite` call it. The access date is the day on which the archive saw the
version, for that is what was read; the permalink is explained in ``storage.permalink``.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args
from urllib.parse import quote

from storage.errors import QueryError
from storage.record import SHANGHAI, Version
from storage.reference import Reference, make_reference

Style = Literal["gbt", "bibtex", "csl"]

_MOST_AUTHORS = 3  # GB/T 7714-2015, 8.1.2: of more than three the first three, and 等
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "_": r"\_", "%": r"\%", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A citation: ``text`` in the style asked for, and what it cites.

    ``str()`` gives the text. For ``csl`` it is one JSON object; a CSL-JSON file is a list of them.
    """

    text: str
    style: Style
    key: str
    permalink: str
    version: int
    digest: str
    captured_at: dt.datetime

    def __str__(self) -> str:
        return self.text


def cite_version(
    url: str, version: Version, *, style: Style = "gbt", accessed: dt.date | None = None
) -> Cited:
    """The citation of a version of the article at ``url``; raises ``QueryError`` for a style."""
    if style not in _STYLES:
        raise QueryError(f"no citation style {style!r}; there are {', '.join(get_args(Style))}")
    if isinstance(accessed, dt.datetime):
        accessed = accessed.date()
    reference = make_reference(url, version, accessed)
    return Cited(
        text=_STYLES[style](reference),
        style=style,
        key=reference.key,
        permalink=reference.permalink,
        version=reference.version,
        digest=reference.digest,
        captured_at=reference.captured_at,
    )


def gbt(reference: Reference) -> str:
    """An entry of GB/T 7714-2015 in the numeric style (顺序编码制), without its number.

    A print original gives ``[N]`` with newspaper, date and page (the standard's 4.4), everything
    else ``[EB/OL]`` with the posted date in brackets, the access date in square ones and the
    address (4.6). The title stands as the page prints it, its tag with it. Numbers follow the order
    of citing in the text, which only its author knows. Names are printed as on the page: the
    standard has Chinese names in full, family name first.
    """
    authors = ", ".join(reference.authors[:_MOST_AUTHORS])
    if len(reference.authors) > _MOST_AUTHORS:
        authors += ", 等"
    head = f"{authors}. " if authors else ""
    if reference.is_print:
        page = f"({reference.page})" if reference.page else ""
        return f"{head}{reference.title}[N]. {reference.medium}, {reference.issued}{page}."
    posted = f"({reference.issued})" if reference.issued else ""
    dates = f"{posted}[{reference.accessed}]"
    return f"{head}{reference.title}[EB/OL]. {dates}. {reference.url}."


def bibtex(reference: Reference) -> str:
    """A BibTeX entry in UTF-8 for biblatex: ``article`` in a newspaper, else ``online``.

    Chinese stays as it is, LaTeX's special characters are escaped except in the verbatim fields
    (``url``), the title keeps its case by double braces, a body is braced so that it is not taken
    apart for a person.
    """
    kind = "article" if reference.is_print else "online"
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _bibtex_fields(reference))
    return f"@{kind}{{{reference.key},\n{fields}}}"


def csl(reference: Reference) -> str:
    """One item of CSL-JSON 1.0.2, for Zotero, pandoc and citeproc.

    Names are ``{"literal": …}``, as Chinese users of Zotero keep them in one field: styles print
    them whole, and where a family name ends (欧阳, 阿卜杜·…) cannot be told from a page. What CSL
    has no field for is under ``custom``.
    """
    return json.dumps(csl_item(reference), ensure_ascii=False)


def csl_item(reference: Reference) -> dict[str, Any]:
    """The item that ``csl`` writes, as JSON types."""
    item: dict[str, Any] = {
        "id": reference.key,
        "type": "article-newspaper" if reference.is_print else "webpage",
        "language": "zh-CN",
        "title": reference.title,
        "URL": reference.url,
        "accessed": _date_parts(reference.accessed),
        "archive_location": reference.permalink,
        "version": str(reference.version),
        "note": _note(reference),
        "custom": {
            "permalink": reference.permalink,
            "version": reference.version,
            "sha256": reference.digest,
            "captured_at": reference.captured_at.astimezone(SHANGHAI).isoformat(),
        },
    }
    if reference.authors:
        item["author"] = [{"literal": name} for name in reference.authors]
    if reference.medium:
        item["container-title"] = reference.medium
    if reference.issued:
        item["issued"] = _date_parts(reference.issued)
    if reference.page:
        item["page"] = reference.page
    return item


_STYLES: dict[str, Callable[[Reference], str]] = {"gbt": gbt, "bibtex": bibtex, "csl": csl}


def _bibtex_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    if reference.authors:
        names = [_latex(name) for name in reference.authors]
        is_braced = [reference.is_corporate or _is_taken_apart(name) for name in reference.authors]
        pairs = zip(names, is_braced, strict=True)
        yield "author", " and ".join(f"{{{name}}}" if braced else name for name, braced in pairs)
    yield "title", f"{{{_latex(reference.title)}}}"
    if reference.medium:
        yield ("journal" if reference.is_print else "organization"), _latex(reference.medium)
    if reference.is_print:
        yield "entrysubtype", "newspaper"
    if reference.issued:
        yield "date", reference.issued.isoformat()
        yield "year", f"{reference.issued.year:04}"
    if reference.page:
        yield "pages", _latex(reference.page)
    yield "url", _verbatim(reference.url)
    yield "urldate", reference.accessed.isoformat()
    yield "permalink", _verbatim(reference.permalink)  # a field that styles ignore
    yield "langid", "chinese"
    yield "note", _latex(_note(reference))


def _is_taken_apart(name: str) -> bool:
    """Whether BibTeX would read two names, or parts, in one."""
    return "," in name or re.search(r"\band\b", name) is not None


def _note(reference: Reference) -> str:
    moment = reference.captured_at.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return f"version {reference.version}, captured {moment}, sha256 {reference.digest}"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def _verbatim(url: str) -> str:
    """An address for a field that is not escaped; what would end the field is percent-encoded."""
    return quote(url, safe="".join(chr(n) for n in range(33, 127) if chr(n) not in '{}\\"'))


def _date_parts(day: dt.date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}
