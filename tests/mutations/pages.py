"""The pages that are damaged: our sample portals' in every template, and real ones where present.

Called by ``recipe``.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.portal import Portal
from tests.article_pages import URL, page
from tests.site.generator import generate_articles
from tests.site.newsroom import FAMILIES, Newsroom, key_of
from tests.site.portals.samples_gov import SamplesGov
from tests.site.portals.samples_juhe import SamplesJuhe
from tests.site.portals.samples_paper import SamplesPaper
from tests.site.record import ARTICLES, SampleArticle

SHARED = Path(__file__).resolve().parents[3] / "shared"
MOST_SHARED_BYTES = 150_000  # of a real page; larger ones only take longer
_PORTALS = {
    spider.portal.hosts[0]: spider.portal for spider in (SamplesGov, SamplesJuhe, SamplesPaper)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A page before it is damaged, with the rules of its portal, if any."""

    name: str
    body: bytes
    url: str
    content_type: str | None = None
    portal: Portal | None = None


@cache
def own_pages() -> tuple[Base, ...]:
    """The sample articles written by hand and some composed ones, in every template."""
    written = [
        SampleArticle.from_json(json.loads(path.read_text("utf-8")))
        for path in sorted(ARTICLES.glob("[0-9][0-9]-*.json"))
    ]
    newsroom = Newsroom([*written, *generate_articles(6)], rotate=False)
    found = [Base(name="short", body=page().encode(), url=URL)]
    for family in FAMILIES:
        for template in family.templates:
            newsroom.redesign(family.host, template)
            for number, url in enumerate(newsroom.articles(family.host)):
                shown = newsroom.page(*key_of(url))
                name = f"{family.portal}_{template}_{number}"
                portal = _PORTALS[family.host] if number % 2 else None
                found.append(
                    Base(
                        name=name,
                        body=shown.body,
                        url=url,
                        content_type=shown.content_type,
                        portal=portal,
                    )
                )
    return tuple(found)


@cache
def shared_pages() -> tuple[Base, ...]:
    """Real pages that lie beside the checkout, ``()`` without them."""
    return tuple(base for base in _shared() if 0 < len(base.body) <= MOST_SHARED_BYTES)


def _shared() -> Iterator[Base]:
    pages = SHARED / "pages"
    for path in sorted(pages.rglob("*.html")):
        url = f"https://{path.parent.name}/{path.stem}.html"
        yield Base(name=f"{path.parent.name}/{path.stem}", body=path.read_bytes(), url=url)
    for path in sorted((SHARED / "eval" / "corpora").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                yield Base(
                    name=f"{path.stem}/{entry['id']}",
                    body=entry["html"].encode("utf-8", "replace"),
                    url=entry.get("url") or URL,
                )
