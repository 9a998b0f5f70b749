"""Agencies, documents, officials and regions as search filters and counts them.

Called by ``storage.search`` and ``storage.results``; ``storage.documents`` finds its documents
alike. Everything goes by the entities of a reading.
"""

import datetime as dt
from collections import Counter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    String,
    case,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from storage.characters import storable_text
from storage.document_key import fold_number, match_key
from storage.policy_schema import (
    AgencyRow,
    CitationRow,
    DocumentKeyRow,
    DocumentRow,
    InterpretationRow,
    IssuerRow,
    OfficialRow,
    RegionRow,
)
from storage.rows import row_id
from storage.schema import ReadingRow

_ESCAPED = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})
# What the official name of a division may have behind the name it is known by.
_KINDS = (
    "", "省", "市", "区", "县", "地区", "盟", "旗", "自治区", "壮族自治区", "回族自治区",
    "维吾尔自治区", "特别行政区",
)  # fmt: skip
_LEVELS = (2, 4, 6)  # digits of a GB/T 2260 code that name province, city and county


def document_id(which: str | int, as_of: dt.datetime | None = None) -> ScalarSelect[Any]:
    """The number of a document by its row's number, title in any spelling, or 发文字号.

    ``as_of`` leaves out what names it was given after a moment.
    """
    number = row_id(which)
    if number is not None:
        return select(DocumentRow.id).where(DocumentRow.id == number).scalar_subquery()
    which = str(which)
    written = fold_number(which)
    key = DocumentKeyRow.key
    keys = [f"number:{written}"] * (written is not None) + [f"title:{match_key(which)}"]
    query = select(DocumentKeyRow.document_id).where(key.in_(keys))
    if as_of is not None:
        entered = DocumentKeyRow.recorded_at
        query = query.where(or_(entered.is_(None), entered <= as_of))
    return query.order_by(case((key == keys[0], 0), else_=1)).limit(1).scalar_subquery()


def readings_with(
    name: str, value: str, as_of: dt.datetime | None = None
) -> ColumnElement[bool] | Select[Any]:
    """The numbers of the readings that name an agency, document, official or region.

    ``as_of`` a moment, they go by what documents and regions were known to be called then.
    """
    value = storable_text(value)
    if name == "agency":
        known = select(AgencyRow.id).where(AgencyRow.name == value)
        return select(IssuerRow.reading_id).where(
            or_(IssuerRow.agency_id.in_(known), IssuerRow.name == value)
        )
    if name == "document":
        which = document_id(value, as_of)
        cited = select(CitationRow.reading_id).where(CitationRow.document_id == which)
        explained = select(InterpretationRow.reading_id)
        return cited.union(explained.where(InterpretationRow.document_id == which))  # type: ignore[return-value]
    if name == "official":
        return select(OfficialRow.reading_id).where(OfficialRow.name == value)
    return select(RegionRow.reading_id).where(_is_inside(value, as_of))


def _is_inside(value: str, as_of: dt.datetime | None) -> ColumnElement[bool]:
    """Whether a region is the division called ``value``, or lies in it.

    A name is one as written or an official one, which may lack the word for its kind, alone or
    after the official ones of the divisions above it.
    """
    if value.isascii() and value.isdecimal():
        begin = _beginning(value) if len(value) == _LEVELS[-1] else value
        return RegionRow.code.like(f"{begin}%") if len(begin) in _LEVELS else false()
    joined = value.replace("/", "")
    named = aliased(RegionRow)
    beginning = case(
        (named.code.like("%0000"), func.substr(named.code, 1, 2)),
        (named.code.like("%00"), func.substr(named.code, 1, 4)),
        else_=named.code,
    )
    named_so = or_(named.name == value, func.replace(named.full_name, "/", "") == joined)
    beginnings = select(beginning.label("code")).where(named_so, named.code.is_not(None))
    if as_of is not None:
        beginnings = beginnings.join(ReadingRow, ReadingRow.id == named.reading_id)
        beginnings = beginnings.where(ReadingRow.recorded_at <= as_of)
    known = beginnings.distinct()
    path = literal("/", String) + RegionRow.full_name + "/"
    escaped = value.translate(_ESCAPED)
    return or_(
        RegionRow.name == value,
        *(path.like(f"%/{escaped}{kind}/%", escape="\\") for kind in _KINDS),
        *(func.substr(RegionRow.code, 1, digits).in_(known) for digits in _LEVELS),
    )


def count_agencies(connection: Connection, readings: Select[Any]) -> Counter[str | None]:
    """How many of the readings name each agency, by its official name."""
    query = (
        select(IssuerRow.canonical, func.count(IssuerRow.reading_id.distinct()))
        .where(IssuerRow.reading_id.in_(readings))
        .group_by(IssuerRow.canonical)
    )
    return Counter({name: number for name, number in connection.execute(query)})


def count_regions(connection: Connection, readings: Select[Any]) -> Counter[str | None]:
    """How many of the readings name each division or one in it, by its path (上海市/普陀区)."""
    named = select(RegionRow.reading_id, RegionRow.code).distinct()
    named = named.where(RegionRow.reading_id.in_(readings), RegionRow.code.is_not(None))
    divisions: dict[int, set[str]] = {}
    for reading_id, code in connection.execute(named):
        divisions.setdefault(reading_id, set()).update(str(code)[:digits] for digits in _LEVELS)
    counts = Counter(code for codes in divisions.values() for code in codes)
    return Counter(
        {path: counts[code] for code, path in _paths(connection).items() if code in counts}
    )


def _paths(connection: Connection) -> dict[str, str]:
    """The path of each division named here or above one, by the digits of its code."""
    found: dict[str, str] = {}
    known = RegionRow.code.is_not(None), RegionRow.full_name.is_not(None)
    query = select(RegionRow.code, RegionRow.full_name).where(*known).distinct()
    for code, path in connection.execute(query):
        assert code is not None
        assert path is not None
        names = path.split("/")
        found[code[:2]] = names[0]
        if len(names) == len(_LEVELS):
            found[code[:4]] = "/".join(names[:2])
        found[_beginning(code)] = path
    return found


def _beginning(code: str) -> str:
    """The digits that the codes of a division and of all in it begin with."""
    digits = 2 if code.endswith("0000") else 4 if code.endswith("00") else 6
    return code[:digits]
