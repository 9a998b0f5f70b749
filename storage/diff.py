"""What changed between two versions, or between two articles: block by block, then inside them.

``Archive.diff`` and `jiedu diff` ask for versions; anyone with two ``Article`` records may call
``compare``, for instance to see what a reprint cut or added. Captions and boilerplate have no part
in it, as in the digest.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from storage.digest import squash
from storage.pairing import Pair, in_order, pair_blocks
from storage.record import Article, BlockKind, Precision, Version
from storage.runs import Run, text_runs

ChangeKind = Literal["same", "added", "removed", "changed", "moved", "split", "merged"]

_TEXT_FIELDS = ("title", "kicker", "subtitle", "byline", "source", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two texts compared; without version, digest and time for a bare ``Article``."""

    url: str
    reader: str
    version: int | None = None
    digest: str | None = None
    captured_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field of the record that differs; a list (authors, attachments) has one text an item.

    ``runs`` lead from one title to the other and are empty for all other fields.
    """

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlace:
    """A block where it stands: ``ordinal`` counts all of ``Article.blocks`` from 0.

    ``start`` and ``end`` are its half-open character offsets in ``Article.text``.
    """

    ordinal: int
    kind: BlockKind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockChange:
    """What became of a block.

    ``before`` is empty for an added block, ``after`` for a removed one; several stand in ``after``
    of a ``split`` block and in ``before`` of a ``merged`` one. ``runs`` lead from the texts before,
    joined by line feeds, to those after; they are empty unless the texts differ. ``is_moved`` says
    that the block also stands elsewhere in the order, ``is_edited`` that its text differs: a
    ``moved`` block may be edited too.
    """

    kind: ChangeKind
    before: tuple[BlockPlace, ...] = ()
    after: tuple[BlockPlace, ...] = ()
    runs: tuple[Run, ...] = ()
    is_moved: bool = False
    is_edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two texts compared; ``blocks`` holds those that stayed too, in the order of the newer text.

    A removed block stands where it was, after what it followed.
    """

    before: Side
    after: Side
    fields: tuple[FieldChange, ...]
    blocks: tuple[BlockChange, ...]

    @property
    def changes(self) -> tuple[BlockChange, ...]:
        """The blocks that did not stay as they were."""
        return tuple(change for change in self.blocks if change.kind != "same")

    @property
    def is_same(self) -> bool:
        """Whether neither a field nor a block differs."""
        return not self.fields and not self.changes


def compare(before: Article | Version, after: Article | Version) -> Difference:
    """What changed from one to the other; see ``Difference``."""
    old, new = _article(before), _article(after)
    return Difference(
        before=_side(before),
        after=_side(after),
        fields=tuple(_field_changes(old, new)),
        blocks=tuple(_block_changes(_places(old), _places(new))),
    )


def stated_time(moment: dt.datetime | None, precision: Precision | None) -> str | None:
    """A page's stated time as precisely as the page states it, in the zone it carries."""
    if moment is None:
        return None
    form = {"day": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}
    return moment.strftime(form[precision or "second"])


def _article(side: Article | Version) -> Article:
    return side.article if isinstance(side, Version) else side


def _side(side: Article | Version) -> Side:
    if isinstance(side, Article):
        return Side(url=side.url, reader=side.reader)
    return Side(
        url=side.article.url,
        reader=side.article.reader,
        version=side.number,
        digest=side.digest,
        captured_at=side.captured_at,
    )


def _places(article: Article) -> list[BlockPlace]:
    places, offset = [], 0
    for ordinal, block in enumerate(article.blocks):
        if block.kind == "caption":
            continue
        end = offset + len(block.text)
        places.append(
            BlockPlace(ordinal=ordinal, kind=block.kind, text=block.text, start=offset, end=end)
        )
        offset = end + 1
    return places


def _block_changes(old: list[BlockPlace], new: list[BlockPlace]) -> Iterator[BlockChange]:
    texts = [place.text for place in old]
    pairs = pair_blocks(texts, [place.text for place in new])
    standing = in_order(pairs, texts)
    at_new = {pair.new[0]: pair for pair in pairs}
    paired = {i for pair in pairs for i in pair.old}
    inside = {j for pair in pairs for j in pair.new[1:]}
    gaps = _gaps([pair for pair in pairs if pair in standing], len(old))
    yield from _removed(old, next(gaps), paired)
    for j, place in enumerate(new):
        if (pair := at_new.get(j)) is not None:
            yield _paired(pair, old, new, is_moved=pair not in standing)
            if pair in standing:
                yield from _removed(old, next(gaps), paired)
        elif j not in inside:
            yield BlockChange(kind="added", after=(place,))


def _gaps(standing: Sequence[Pair], length: int) -> Iterator[range]:
    """The older positions before the first pair that stands, and from each to the next."""
    starts = [pair.old[0] for pair in standing]
    for start, end in pairwise([0, *starts, length]):
        yield range(start, end)


def _removed(old: Sequence[BlockPlace], places: range, paired: set[int]) -> Iterator[BlockChange]:
    for i in places:
        if i not in paired:
            yield BlockChange(kind="removed", before=(old[i],))


def _paired(
    pair: Pair, old: Sequence[BlockPlace], new: Sequence[BlockPlace], *, is_moved: bool
) -> BlockChange:
    before, after = tuple(old[i] for i in pair.old), tuple(new[j] for j in pair.new)
    texts = "\n".join(p.text for p in before), "\n".join(p.text for p in after)
    is_edited = squash(texts[0]) != squash(texts[1])
    kind: ChangeKind
    if len(after) > 1:
        kind = "split"
    elif len(before) > 1:
        kind = "merged"
    elif is_moved:
        kind = "moved"
    elif is_edited or before[0].kind != after[0].kind:  # a heading became a paragraph, say
        kind = "changed"
    else:
        kind = "same"
    needs_runs = is_edited or kind in ("split", "merged")
    return BlockChange(
        kind=kind,
        before=before,
        after=after,
        runs=text_runs(*texts) if needs_runs else (),
        is_moved=is_moved,
        is_edited=is_edited,
    )


def _field_changes(old: Article, new: Article) -> Iterator[FieldChange]:
    for name, before, after in zip(_field_names(), _values(old), _values(new), strict=True):
        if before != after:
            is_title = name == "title" and before and after
            yield FieldChange(
                field=name,
                before=before,
                after=after,
                runs=text_runs(before[0], after[0]) if is_title else (),
            )


def _field_names() -> tuple[str, ...]:
    lists = ("origin", "published_at", "posted_at", "authors", "editors", "attachments")
    return (*_TEXT_FIELDS, *lists)


def _values(article: Article) -> Iterator[tuple[str, ...]]:
    for name in _TEXT_FIELDS:
        yield _one(getattr(article, name))
    yield _one(origin_text(article))
    yield _one(stated_time(article.published_at, article.published_precision))
    yield _one(stated_time(article.posted_at, article.posted_precision))
    yield article.authors
    yield article.editors
    yield tuple(" ".join(filter(None, (file.name, file.url))) for file in article.attachments)


def origin_text(article: Article) -> str | None:
    """The print or wire original in words: 示例日报 2026-02-28，02版."""
    origin = article.origin
    if origin is None:
        return None
    page = f"，{origin.page}版" if origin.page else ""
    return f"{origin.medium}{f' {origin.date}' if origin.date else ''}{page}"


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
