"""One sample article: what must be read from its page, and how the page is to show it.

Read from ``articles/*.json`` or composed by ``generator``; rendered by ``families``; handed to the
tests as a plain dictionary by ``SampleSite.expected``. The JSON form is the expected record. White
space inside its texts stands as one ASCII space, so compare texts without white space.
"""

import json
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

ARTICLES = Path(__file__).parent / "articles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """How the page shows what the record says; no part of the expected record.

    ``style``: ``p`` (one element a block) or ``br`` (one container, lines parted by ``<br>``).
    ``breaks``: index of the block that begins page 2, 3, ... ``byline``: the byline with the white
    space of the page.
    """

    style: str = "p"
    breaks: tuple[int, ...] = ()
    byline: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleArticle:
    """What a person reads on one article page; names as in ``storage.Article``.

    ``blocks`` holds ``{"kind", "text"}`` in page order (table cells joined by TAB, rows by line
    feed), ``images`` and ``attachments`` absolute addresses. The byline, the origin line and the
    editors' line are fields and no blocks; a wire head (新华社...电) stays in its paragraph.
    ``absent`` holds strings of the page that must not be taken for content.
    """

    url: str
    title: str
    title_main: str
    channel: str
    posted_at: str
    posted_precision: str
    published_at: str
    published_precision: str
    published_basis: str
    blocks: tuple[dict[str, str], ...]
    column_tag: str | None = None
    kicker: str | None = None
    byline: str | None = None
    byline_role: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    origin: dict[str, str] | None = None
    uploader: str | None = None
    images: tuple[dict[str, str], ...] = ()
    attachments: tuple[dict[str, str], ...] = ()
    media_kind: str = "text"
    page_count: int = 1
    absent: tuple[str, ...] = ()
    show: Show = field(default_factory=Show)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The article in a JSON object; raises ``TypeError`` for an unknown or missing name."""
        hints = {name: _frozen(value) for name, value in values.pop("show", {}).items()}
        return cls(**{n: _frozen(v) for n, v in values.items()}, show=Show(**hints))

    def expected(self) -> dict[str, Any]:
        """The record as a new dictionary of JSON values, without the rendering hints."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self), ensure_ascii=False))
        del values["show"]
        return values

    @property
    def pages(self) -> tuple[tuple[dict[str, str], ...], ...]:
        """The blocks of each page."""
        edges = (0, *self.show.breaks, len(self.blocks))
        return tuple(self.blocks[a:b] for a, b in pairwise(edges))

    @property
    def description(self) -> str:
        """The first paragraph, as pages put it into meta tags and blurbs."""
        texts = [block["text"] for block in self.blocks if block["kind"] == "paragraph"]
        return texts[0] if texts else self.title

    def replaced(self, old: str, new: str) -> "SampleArticle":
        """The article with the first ``old`` in its title or blocks replaced by ``new``.

        Raises ``ValueError`` when the article does not hold ``old``.
        """
        if old in self.title:
            return replace(
                self,
                title=self.title.replace(old, new, 1),
                title_main=self.title_main.replace(old, new, 1),
            )
        for number, block in enumerate(self.blocks):
            if old in block["text"]:
                changed = block | {"text": block["text"].replace(old, new, 1)}
                return replace(
                    self, blocks=(*self.blocks[:number], changed, *self.blocks[number + 1 :])
                )
        raise ValueError(f"{old!r} does not stand in {self.url}")

    def reprinting(self, original: "SampleArticle") -> "SampleArticle":
        """This article with the words of another one, all but its last block, and its origin."""
        tag = self.title.removeprefix(self.title_main)
        taken = ("title_main", "byline", "byline_role", "authors", "origin", "published_at")
        return replace(
            self,
            title=original.title_main + tag,
            blocks=original.blocks[:-1],
            page_count=1,
            show=Show(byline=original.show.byline),
            **{name: getattr(original, name) for name in taken},
        )


def written_articles() -> list[SampleArticle]:
    """The articles written by hand, in the order of their file names."""
    return [
        SampleArticle.from_json(json.loads(path.read_text("utf-8")))
        for path in sorted(ARTICLES.glob("*.json"))
    ]


def field_names() -> tuple[str, ...]:
    """Names of the expected record's fields."""
    return tuple(entry.name for entry in fields(SampleArticle) if entry.name != "show")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
