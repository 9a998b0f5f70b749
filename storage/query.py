"""What is searched for: a `Query`, and the small language its words are written in.

Called by whoever searches; ``storage.search`` turns the tree into SQL.

::

    数据要素 流通            both, anywhere in the article: each in the title or in one block
    "数据 要素"              quoted: a phrase, or a word that looks like syntax (\\" for a quote)
    养老 OR 托育             either
    养老 NOT 社区            without
    (养老 OR 托育) 补贴      grouped; a parenthesis inside a word, 方案(试行), is itself
    title:养老               in the title
    portal:people            fields: portal source channel layout author
    agency:国家数据局        policy: agency document official region type; a region with all in it
    published:2024-06        dates: published posted captured; also 2024, 2024-06-04, 2023..2024-06
    gone:yes changed:no      the page is gone; the article has one version only

Everything else is searched for as it stands: ``*``, ``%``, ``^``, ``NEAR``, ``“城市大脑”``.
"""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from storage.errors import QueryError
from storage.query_text import MAX_WORDS, Parser
from storage.query_tree import (
    DATES,
    NAMES,
    POLICY,
    STATES,
    And,
    Dates,
    Node,
    Or,
    Word,
    make_field,
    make_span,
    make_word,
)

Versions = Literal["latest", "all"]
Sort = Literal["newest", "oldest", "relevance"]
Names = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """Which articles to find, and in which order.

    ``text`` is written in the language of this module, ``words`` are taken literally; all of it
    must hold for an article together with the fields, several values of a field being
    alternatives. Dates are calendar dates in Asia/Shanghai: ``2024``, ``2024-06``,
    ``2023..2024-06``, a date, or a pair of dates of which either may be ``None``. An agency goes by
    its official name or as it is written, a document by title in any spelling, 发文字号 or number
    of its row, a region by name or GB/T 2260 code: it is also named where a division in it is.
    ``changed`` articles have more than one version.

    An article is matched on the current reading of its latest version; with ``versions="all"``
    each word and field may be found in any of its versions. A word is found in a title or block
    that holds it as a substring when width, case and white space between Han characters are left
    out of account. ``newest`` goes by the date published, else posted, else captured, then by
    number; ``relevance`` puts articles first that have more of the words in their title.

    Raises ``QueryError``.
    """

    text: str = ""
    _: KW_ONLY
    words: Names = ()
    portal: Names | None = None
    source: Names | None = None
    channel: Names | None = None
    layout: Names | None = None
    author: Names | None = None
    agency: Names | None = None
    document: Names | None = None
    official: Names | None = None
    region: Names | None = None
    type: Names | None = None
    published: Dates | None = None
    posted: Dates | None = None
    captured: Dates | None = None
    gone: bool | None = None
    changed: bool | None = None
    versions: Versions = "latest"
    sort: Sort = "newest"

    def __post_init__(self) -> None:
        if self.versions not in ("latest", "all"):
            raise QueryError(f"versions is {self.versions!r}; it can be latest or all")
        if self.sort not in ("newest", "oldest", "relevance"):
            raise QueryError(f"sort is {self.sort!r}; it can be newest, oldest or relevance")
        for name in STATES:
            if getattr(self, name) not in (None, True, False):
                raise QueryError(f"{name} is {getattr(self, name)!r}; it can be True or False")
        if len(self.asked_words) > MAX_WORDS:
            raise QueryError(f"more than {MAX_WORDS} words in one query; split it")

    @property
    def tree(self) -> Node:
        """All that must hold."""
        words = (self.words,) if isinstance(self.words, str) else self.words
        parts: list[Node] = [make_word(word) for word in words]
        if self.text.strip():
            parts.append(Parser(self.text).parse())
        for name in (*NAMES, *POLICY):
            value: Names | None = getattr(self, name)
            if value is not None:
                values = (value,) if isinstance(value, str) else value
                parts.append(Or(tuple(make_field(name, one) for one in values)))
        for name in DATES:
            dates: Dates | None = getattr(self, name)
            if dates is not None:
                parts.append(make_span(name, dates))
        for name, state in STATES.items():
            wanted: bool | None = getattr(self, name)
            if wanted is not None:
                parts.append(state(wanted))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    @property
    def asked_words(self) -> tuple[Word, ...]:
        """The words an article is wanted for, not those it must be without, each once."""
        return tuple(dict.fromkeys(_wanted(self.tree)))


def _wanted(node: Node) -> list[Word]:
    match node:
        case Word():
            return [node]
        case And() | Or():
            return [word for part in node.parts for word in _wanted(part)]
    return []
