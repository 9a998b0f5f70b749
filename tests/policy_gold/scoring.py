"""Compares what is read from the passages with their annotations, kind by kind."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.extract.origin import parse_origin
from crawler.extract.people import parse_byline
from crawler.extract.policy import read_policy
from storage import SHANGHAI, Article, Block, place_blocks
from tests.policy_gold.passages import Passage, read_half

KINDS = (
    "titles", "numbers", "agencies", "acts", "officials", "statements", "targets", "quantities",
    "regions", "wire", "chain", "byline", "origin", "interprets", "type",
)  # fmt: skip


@dataclass(slots=True)
class Score:
    """Counts of one kind: found and right, found and wrong, missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is annotated that was found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def make_article(passage: Passage) -> Article:
    """The passage as an article of paragraphs."""
    day = dt.date.fromisoformat(passage.published) if passage.published else None
    published = dt.datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) if day else None
    blocks = [Block(kind="paragraph", text=line) for line in passage.text.splitlines()]
    tag = next(
        (t for t in ("(政策解读)", "（政策解读）") if (passage.title or "").endswith(t)), None
    )
    return Article(
        url=passage.url or "https://www.example.cn/1.html",
        reader="gold",
        title=passage.title,
        column_tag=tag[1:-1] if tag else None,
        channel=passage.channel,
        published_at=published,
        published_precision="day" if day else None,
        blocks=place_blocks(blocks),
    )


def read_passage(passage: Passage) -> dict[str, list[str]]:
    """What is read from a passage, in the annotations' form."""
    article = make_article(passage)
    article = replace(article, policy=read_policy(article))
    policy = article.policy
    documents = [c for c in policy.citations if c.kind == "document"]
    titles = []
    for citation in policy.citations:
        extra = citation.doc_type
        if citation.kind == "alias":
            assert citation.document is not None
            extra = f"#{documents.index(policy.citations[citation.document]) + 1}"
        titles.append("|".join(filter(None, (citation.kind, citation.title, extra))))
    return {
        "titles": titles,
        "numbers": [number.number for number in policy.numbers],
        "agencies": [f"{i.name}={i.canonical}" for act in policy.acts for i in act.issuers],
        "acts": [
            "|".join(
                [act.verb, "、".join(i.name for i in act.issuers)]
                + ([f"等{act.stated_count or ''}"] if act.is_incomplete else [])
            )
            for act in policy.acts
        ],
        "officials": [
            "|".join((o.name, o.organisation, "+".join(o.posts))) for o in policy.officials
        ],
        "statements": ["|".join((s.kind, s.speaker, s.text)) for s in policy.statements],
        "targets": [f"{target.horizon}|{target.goal}" for target in policy.targets],
        "quantities": [
            article.text[q.start : q.end] for target in policy.targets for q in target.quantities
        ],
        "regions": [f"{region.name}={region.code or '?'}" for region in policy.regions],
        "wire": [
            f"{h.outlet}|{h.place or ''}|{_day(h.date, h.month_day)}|{'、'.join(h.reporters)}"
            for h in policy.hops
            if h.relation == "电头"
        ],
        "chain": [f"{h.relation}|{h.outlet}" for h in policy.hops if h.relation != "电头"],
        "byline": list(_byline(passage)),
        "origin": list(_origin(passage)),
        "interprets": [found.title for found in policy.interprets],
        "type": [article.interpretation_type] if article.interpretation_type else [],
    }


def annotated(passage: Passage) -> dict[str, list[str]]:
    """The annotations, each kind as a list."""
    acts, agencies = [], []
    for act in passage.acts:
        verb, issuers, *flags = act.split("|")
        names = [issuer.partition("=") for issuer in issuers.split("、")]
        acts.append("|".join([verb, "、".join(name for name, _, _ in names), *flags]))
        agencies += [f"{name}={full or _full(name)}" for name, _, full in names]
    return {
        "titles": list(passage.titles),
        "numbers": list(passage.numbers),
        "agencies": agencies,
        "acts": acts,
        "officials": list(passage.officials),
        "statements": list(passage.statements),
        "targets": list(passage.targets),
        "quantities": list(passage.quantities),
        "regions": list(passage.regions),
        "wire": [_wire(passage.wire)] if passage.wire else [],
        "chain": list(passage.chain),
        "byline": list(passage.byline[1:]),
        "origin": list(passage.origin[1:]),
        "interprets": list(passage.interprets),
        "type": [passage.type] if passage.type else [],
    }


def score_half(half: str) -> dict[str, Score]:
    """The counts of every kind over one half."""
    scores = {kind: Score() for kind in KINDS}
    for passage in read_half(half):
        expected, found = annotated(passage), read_passage(passage)
        for kind in KINDS:
            want, got = Counter(expected[kind]), Counter(found[kind])
            scores[kind].right += (want & got).total()
            scores[kind].wrong += (got - want).total()
            scores[kind].missed += (want - got).total()
    return scores


def errors(half: str) -> Iterator[str]:
    """Every difference, a line each; never to be asked of the half that is kept apart."""
    for passage in read_half(half):
        expected, found = annotated(passage), read_passage(passage)
        for kind in KINDS:
            want, got = Counter(expected[kind]), Counter(found[kind])
            for item in (got - want).elements():
                yield f"{passage.id} {kind} wrong  {item}"
            for item in (want - got).elements():
                yield f"{passage.id} {kind} missed {item}"


# Names that passages write short without repeating the official name each time.
_SHORT = {
    "国家发展改革委": "国家发展和改革委员会",
    "国家医保局": "国家医疗保障局",
}


def _full(name: str) -> str:
    return _SHORT.get(name, name)


def _wire(wire: str) -> str:
    outlet, place, day, names = wire.split("|")
    if day.count("-") == 2:
        day = "-".join(str(int(part)) for part in day.split("-"))
    return "|".join((outlet, place, day, names))


def _day(date: dt.date | None, month_day: str | None) -> str:
    return f"{date.year}-{date.month}-{date.day}" if date else month_day or ""


def _byline(passage: Passage) -> Iterator[str]:
    byline = parse_byline(passage.byline[0]) if passage.byline else None
    if byline:
        yield f"{byline.role}|{'、'.join(byline.authors)}"


def _origin(passage: Passage) -> Iterator[str]:
    origin = parse_origin(passage.origin[0]) if passage.origin else None
    if origin:
        yield f"{origin.medium}|{origin.date}|{origin.page}"
