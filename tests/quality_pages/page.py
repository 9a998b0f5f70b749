"""One page of the quality corpus: its bytes, what must be read from it, what must not.

Called by ``templates`` and ``frame``.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from tests.site.families.family import ListedArticle
from tests.site.record import SampleArticle

_TAG = re.compile(r"<[^<>]*>")
_OTHERS = 6
_NOISE = 4  # characters from which a line says where it comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPage:
    """A page as it is served, and what must be read from it; ``noise``: lines that must not."""

    name: str
    url: str
    body: bytes
    content_type: str
    text: str
    title: str
    posted_at: str
    posted_precision: str
    source: str | None
    byline: str | None
    authors: tuple[str, ...]
    noise: tuple[str, ...]


def listed(articles: Sequence[SampleArticle], number: int) -> list[ListedArticle]:
    """The articles after this one, as a list of related ones links to them."""
    turned = [*articles[number + 1 :], *articles[:number]]
    return [
        ListedArticle(
            path=f"/n/{other.url.rpartition('/')[2]}",
            title=other.title,
            posted_at=dt.datetime.fromisoformat(other.posted_at),
            description=other.description,
        )
        for other in turned[:_OTHERS]
    ]


def make_page(
    name: str,
    article: SampleArticle,
    body: bytes,
    *,
    noise: Sequence[str],
    charset: str = "utf-8",
    byline: str | None = None,
) -> QualityPage:
    """The page of ``article`` in ``body``, which may show the byline in another form.

    Of ``noise`` those lines are kept that stand on the page and in no part of the article.
    """
    html = body.decode("utf-8" if charset == "utf-8" else "gb18030")
    shown = squash(unescape(_TAG.sub("", html)))
    text = "\n".join(block["text"] for block in article.blocks if block["kind"] != "caption")
    everything = squash(article.title + "".join(block["text"] for block in article.blocks))
    return QualityPage(
        name=name,
        url=article.url,
        body=body,
        content_type=f"text/html; charset={charset}",
        text=text,
        title=article.title,
        posted_at=article.posted_at,
        posted_precision=article.posted_precision,
        source=article.source,
        byline=byline or article.byline,
        authors=article.authors,
        noise=tuple(
            line
            for line in dict.fromkeys(map(squash, noise))
            if len(line) >= _NOISE and line in shown and line not in everything
        ),
    )


def squash(text: str) -> str:
    """``text`` without white space: how texts are compared."""
    return "".join(text.split())
