"""The policy vocabulary: what an article says of documents, agencies, people, goals and places.

Written by ``crawler.extract.policy``, stored and given back unchanged by ``storage.policy``. Every
``start`` and ``end`` is a half-open character offset into ``Article.text``; ``block`` is the number
of the block in ``Article.blocks``. References between records are positions in their tuples.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

TitleKind = Literal["document", "alias", "medium", "work"]
NumberKind = Literal["number", "order", "announcement"]
StatementKind = Literal["direct", "reported"]
RegionLevel = Literal["province", "city", "county"]
Relation = Literal["电头", "原载", "据", "来源", "转自"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A title in 《》, or a declared short name in quotation marks.

    ``title`` is as written inside the marks. ``document`` is the position of the citation that
    names the document in full: of a short name, of a bare 《意见》 after exactly such a document,
    and of a title without its tail, 《办法》 for 《办法（试行）》; ``None`` when this one does, or
    nothing says which is meant. ``key`` is the folded title of a document named in full. ``number``
    is the document number in brackets after it, ``act`` the position of the issuing act that names
    it.
    """

    kind: TitleKind
    title: str
    start: int
    end: int
    block: int
    doc_type: str | None = None
    key: str | None = None
    document: int | None = None
    number: str | None = None
    act: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreted:
    """A document the article explains, as against merely cites, and what shows that.

    ``citation`` is ``None`` when only the headline names the document. ``evidence`` are words of
    ``title``, ``said``, ``issued``, ``alias``, ``mentions``.
    """

    title: str
    key: str
    evidence: tuple[str, ...]
    citation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNumber:
    """A 发文字号, an order (令) or an announcement (公告) in canonical form."""

    kind: NumberKind
    number: str
    start: int
    end: int
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortName:
    """A short name that the article declares (以下简称) for a document or an agency.

    ``stands_for`` is the title or name in full; offsets are those of the short name itself.
    """

    name: str
    stands_for: str
    start: int
    end: int
    block: int
    citation: int | None = None  # of the document; None for an agency


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An agency as an issuing act names it; ``canonical`` is its full official name if known.

    ``region`` is the GB/T 2260 code of a local body's division.
    """

    name: str
    canonical: str
    start: int
    end: int
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingAct:
    """Who issued, in the order named; the first is the lead agency.

    ``is_incomplete`` when the text says 等部门, ``stated_count`` what it counts (等四部门: 4).
    """

    verb: str
    issuers: tuple[Issuer, ...]
    start: int
    end: int
    block: int
    is_incomplete: bool = False
    stated_count: int | None = None

    @property
    def is_joint(self) -> bool:
        """Whether more than one agency issued."""
        return len(self.issuers) > 1 or self.is_incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """A person with the organisation and the posts of the first full mention."""

    name: str
    organisation: str
    posts: tuple[str, ...]
    start: int
    end: int
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody said: the words inside the quotation marks, or the clause that reports them.

    Offsets include the marks. ``official`` is ``None`` for 某局有关负责人, whom ``speaker`` names
    as the text does.
    """

    kind: StatementKind
    speaker: str
    verb: str
    text: str
    start: int
    end: int
    block: int
    official: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number with its unit inside a target, as written; ``value`` in units of ``unit``."""

    value: str
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A goal with its horizon (``2027年``, ``本世纪中叶``); ``clauses`` are its single goals."""

    horizon: str
    goal: str
    clauses: tuple[str, ...]
    start: int
    end: int
    block: int
    year: int | None = None
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A division as written; without ``code`` where nothing says which of several it is."""

    name: str
    level: RegionLevel
    start: int
    end: int
    block: int
    code: str | None = None
    full_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One outlet the text came through, from the original on; place and date of a wire head."""

    relation: Relation
    outlet: str
    start: int
    end: int
    block: int
    place: str | None = None
    date: dt.date | None = None
    month_day: str | None = None
    reporters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntities:
    """Everything of the policy world that one article names, each kind in order of the text."""

    citations: tuple[Citation, ...] = ()
    interprets: tuple[Interpreted, ...] = ()
    numbers: tuple[DocumentNumber, ...] = ()
    short_names: tuple[ShortName, ...] = ()
    acts: tuple[IssuingAct, ...] = ()
    officials: tuple[Official, ...] = ()
    statements: tuple[Statement, ...] = ()
    targets: tuple[Target, ...] = ()
    regions: tuple[Region, ...] = ()
    hops: tuple[Hop, ...] = ()


NO_ENTITIES = PolicyEntities()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummary:
    """A policy document and how many archived articles explain it and name it at all."""

    id: int
    title: str
    doc_type: str | None
    number: str | None
    first_seen_at: dt.datetime
    interpreted_by: int
    cited_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentArticle:
    """An article that names a document; ``evidence`` is empty when it merely cites it.

    ``outlet`` is the print origin's medium, else the credited source; ``mentions`` counts titles
    and short names. ``date`` is the original's calendar date, else the portal's.
    """

    article_id: int
    url: str
    title: str | None
    portal: str | None
    outlet: str | None
    date: dt.date | None
    interpretation_type: str | None
    evidence: tuple[str, ...]
    mentions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatement:
    """What somebody said about a document, where and when.

    In an article that explains the document that is everything said; elsewhere what was said in a
    paragraph that names it. ``organisation`` and ``posts`` are those of the article's full mention.
    """

    article_id: int
    url: str
    outlet: str | None
    date: dt.date | None
    kind: StatementKind
    speaker: str
    organisation: str | None
    posts: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """All the archive knows of a policy document; ``titles`` are its spellings, commonest first.

    ``issuers`` are official names in the order first named, lead agency first.
    """

    summary: DocumentSummary
    titles: tuple[str, ...]
    short_names: tuple[str, ...]
    numbers: tuple[str, ...]
    issuers: tuple[str, ...]
    articles: tuple[DocumentArticle, ...]
    statements: tuple[DocumentStatement, ...]
