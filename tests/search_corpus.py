"""Articles of invented words, queries of every kind, and what the queries must find.

Called by the search tests and benchmarks. A vocabulary of many topics is drawn from syllable
tables, so that words overlap as Chinese words do; the expected answer is a plain substring
evaluation over folded titles and blocks, written apart from the archive's own code.
"""

import datetime as dt
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from storage import SHANGHAI, Article, Block, place_blocks
from storage.entities import (
    Citation,
    Interpreted,
    Issuer,
    IssuingAct,
    Official,
    PolicyEntities,
    Region,
)

TOPICS = 40
FIXED = (
    "5G", "AI+", "2027年", "3.5%", "B2B", "Ｗeb3.0", "C++", "a_b", "50%_off", "“城市大脑”",
    "《规划》", "NEAR", "O'Neil", "\\n", "(试行)", "^top", "*", "数　字", "数据 要素", "一、二",
    "GDP", "ß", "㎡", "①", "“十五五”", "straße", "İzmir", "e\u0301", "𠮷野家", "AND", "or", "100%",
)  # fmt: skip
PORTALS, SOURCES = ("gov", "people", "ndrc"), ("新华社", "人民日报", None)
TYPES = {"解读": "official", "专家观点": "expert", None: None}  # of the channels
# As written, and the official name.
AGENCIES = (
    ("国家数据局", "国家数据局"), ("发改委", "国家发展和改革委员会"), ("民政部", "民政部"),
    ("国家发展改革委", "国家发展和改革委员会"),
)  # fmt: skip
OFFICIALS = ("刘甲", "王乙", "陈丙丁")
# As written, code and path; one that nothing tells apart.
REGIONS = (
    ("上海", "310000", "上海市"), ("普陀区", "310107", "上海市/普陀区"), ("普陀区", None, None),
    ("舟山普陀区", "330903", "浙江省/舟山市/普陀区"), ("舟山", "330900", "浙江省/舟山市"),
    ("浙江", "330000", "浙江省"), ("黄浦区", "310101", "上海市/黄浦区"),
)  # fmt: skip
# Title, key, number, and another way to ask for it.
DOCUMENTS = (
    ("关于推进甲的意见", "关于推进甲的意见", "国甲发〔2024〕1号", "国甲发[2024]1号"),
    ("乙、丙管理办法（试行）", "乙丙管理办法试行", None, "《乙丙管理办法 (试行)》"),
    ("中华人民共和国丁法", "丁法", None, "丁法"),
)
_FIRST = dt.date(2019, 1, 1)
_HAN = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还"
    "因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没"
    "结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流"
)


@dataclass(frozen=True, slots=True)
class Named:
    """The policy entities of a version, as places in the tables above."""

    agencies: tuple[int, ...]
    officials: tuple[int, ...]
    regions: tuple[int, ...]
    cited: tuple[int, ...]
    explained: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """An article's content by number; several versions, the last one the latest."""

    number: int
    versions: tuple[tuple[str, tuple[str, ...]], ...]
    portal: str
    source: str | None
    channel: str | None
    published: dt.date | None
    named: tuple[Named, ...]  # of each version


def make_vocabulary(seed: str = "words") -> list[list[str]]:
    """Words by topic, the common ones first."""
    rng = random.Random(seed)
    common = ["".join(rng.choices(_FIRST_HALF, k=rng.choice((1, 2, 2, 2)))) for _ in range(300)]
    topics = [
        ["".join(rng.choices(_FIRST_ALL, k=rng.choice((2, 2, 2, 3, 4, 5)))) for _ in range(250)]
        for _ in range(TOPICS)
    ]
    return [common, *topics]


_FIRST_ALL = _HAN
_FIRST_HALF = _HAN[: len(_HAN) // 2]


class Corpus:
    """As many articles as wanted, the same ones every time."""

    def __init__(self, *, characters: int = 500, changed: float = 0.1) -> None:
        self._common, *self._topics = make_vocabulary()
        self._characters, self._changed = characters, changed

    def make(self, number: int) -> Made:
        rng = random.Random(f"article {number}")
        topics = rng.sample(self._topics, 2)
        versions = [self._version(rng, topics)]
        while rng.random() < self._changed:
            title, blocks = versions[-1]
            new = self._version(rng, topics)[1]
            versions.append((title + rng.choice(("", "修订")), (*blocks[1:], *new[:2])))
        return Made(
            number=number,
            versions=tuple(versions),
            portal=rng.choice(PORTALS),
            source=rng.choice(SOURCES),
            channel=rng.choice(list(TYPES)),
            published=_FIRST + dt.timedelta(days=rng.randrange(2500))
            if rng.random() < 0.9
            else None,
            named=tuple(_name(random.Random(f"{number} {n}")) for n in range(len(versions))),
        )

    def _version(self, rng: random.Random, topics: list[list[str]]) -> tuple[str, tuple[str, ...]]:
        blocks, length = [], 0
        while length < self._characters:
            block = self._sentence(rng, topics, rng.randint(8, 60))
            blocks.append(block)
            length += len(block)
        return self._sentence(rng, topics, 6), tuple(blocks)

    def _sentence(self, rng: random.Random, topics: list[list[str]], words: int) -> str:
        found = []
        for _ in range(words):
            draw = rng.random()
            if draw < 0.55:  # common words after Zipf
                word = self._common[min(int(rng.paretovariate(0.6)) - 1, len(self._common) - 1)]
            elif draw < 0.96:
                words_ = rng.choice(topics)
                word = words_[min(int(rng.paretovariate(0.5)) - 1, len(words_) - 1)]
            else:
                word = rng.choice(FIXED)
            found.append(word)
            if rng.random() < 0.12:
                found.append(rng.choice("，。；、 \u3000,."))
        return ("".join(found) or "空").strip() or "空"


def _name(rng: random.Random) -> Named:
    tables = AGENCIES, OFFICIALS, REGIONS, DOCUMENTS, DOCUMENTS
    return Named(*(tuple(rng.sample(range(len(t)), rng.choice((0, 0, 1, 2)))) for t in tables))


def as_policy(named: Named) -> PolicyEntities:
    """The entities of a version as an article has them; where they stand plays no part."""
    place = {"start": 0, "end": 1}
    issuers = [Issuer(name=a, canonical=b, **place) for a, b in pick(AGENCIES, named.agencies)]
    cited = pick(DOCUMENTS, named.cited)
    place["block"] = 0
    return PolicyEntities(
        acts=(IssuingAct(verb="印发", issuers=tuple(issuers), **place),) if issuers else (),
        officials=tuple(
            Official(name=name, organisation="某局", posts=("局长",), **place)
            for name in pick(OFFICIALS, named.officials)
        ),
        regions=tuple(
            Region(name=name, level="county", code=code, full_name=path, **place)
            for name, code, path in pick(REGIONS, named.regions)
        ),
        citations=tuple(
            Citation(kind="document", title=title, key=key, number=number, **place)
            for title, key, number, _ in cited
        ),
        interprets=tuple(
            Interpreted(title=title, key=key, evidence=("title",))
            for title, key, _, _ in pick(DOCUMENTS, named.explained)
        ),
    )


def pick(table: Sequence[Any], places: Iterable[int]) -> list[Any]:
    """Rows of one of the tables above."""
    return [table[place] for place in places]


def as_article(made: Made, version: int = -1, reader: str = "1+aaaaaaaa") -> Article:
    """A version of a made article as it is added to an archive."""
    title, blocks = made.versions[version]
    at = made.published and dt.datetime.combine(made.published, dt.time(), tzinfo=SHANGHAI)
    return Article(
        url=f"http://corpus.example.cn/{made.number}.html",
        reader=reader,
        layout="2023",
        portal=made.portal,
        source=made.source,
        channel=made.channel,
        title=title,
        policy=as_policy(made.named[version]),
        published_at=at,
        published_precision="day" if at else None,
        published_basis="meta" if at else None,
        blocks=place_blocks([Block(kind="paragraph", text=text) for text in blocks]),
    )


def plainly_folded(text: str) -> str:
    """The folding of the specification, character by character."""
    narrow = []
    for character in text:
        if "\uff01" <= character <= "\uff5e":
            character = chr(ord(character) - 0xFEE0)
        elif character in "\u3000\xa0":
            character = " "
        narrow.append(character.casefold())
    return re.sub(r"\s+", lambda gap: "" if _is_between_han(gap) else gap[0], "".join(narrow))


def _is_between_han(gap: re.Match[str]) -> bool:
    before, after = gap.string[: gap.start()][-1:], gap.string[gap.end() :][:1]
    return all(
        side
        and (unicodedata.name(side, "").startswith("CJK") or side in "々〇")
        and unicodedata.category(side) in ("Lo", "Lm", "Nl")
        for side in (before, after)
    )


class Truth:
    """Which articles hold a word, by looking at every text."""

    def __init__(self, articles: list[Made]) -> None:
        self.numbers = {made.number for made in articles}
        self.of = {made.number: made for made in articles}
        self._texts = {
            made.number: [
                [plainly_folded(title), *map(plainly_folded, blocks)]
                for title, blocks in made.versions
            ]
            for made in articles
        }

    def having(self, word: str, *, in_all: bool = False) -> set[int]:
        wanted = plainly_folded(word).strip()
        return {
            number
            for number, versions in self._texts.items()
            if any(
                wanted in text
                for texts in (versions if in_all else versions[-1:])
                for text in texts
            )
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """A query text with the articles it must find on the latest and on all versions."""

    text: str
    latest: set[int]
    in_all: set[int]


def make_queries(truth: Truth, count: int, seed: int = 1) -> list[Asked]:
    """Queries of all kinds: words, phrases cut out of texts, operators, groups, fields."""
    rng = random.Random(f"queries {seed}")
    return [_compose(truth, rng, depth=0 if n % 2 else rng.randint(1, 3)) for n in range(count)]


def _compose(truth: Truth, rng: random.Random, depth: int) -> Asked:
    if depth == 0:
        return _field(truth, rng) if rng.random() < 0.2 else _word(truth, rng)
    a, b = (_compose(truth, rng, depth - 1) for _ in range(2))
    match rng.randrange(4):
        case 0:
            return Asked(f"({a.text}) ({b.text})", a.latest & b.latest, a.in_all & b.in_all)
        case 1:
            return Asked(f"({a.text}) AND ({b.text})", a.latest & b.latest, a.in_all & b.in_all)
        case 2:
            return Asked(f"({a.text}) OR ({b.text})", a.latest | b.latest, a.in_all | b.in_all)
    return Asked(f"({a.text}) NOT ({b.text})", a.latest - b.latest, a.in_all - b.in_all)


def _field(truth: Truth, rng: random.Random) -> Asked:
    match rng.randrange(4):
        case 0:
            portal = rng.choice(PORTALS)
            found = {n for n, made in truth.of.items() if made.portal == portal}
            return Asked(f"portal:{portal}", found, found)
        case 1:
            year = rng.randint(2019, 2025)
            dates = {n: made.published for n, made in truth.of.items()}
            found = {n for n, date in dates.items() if date and date.year == year}
            return Asked(f"published:{year}", found, found)
        case 2:
            is_changed = rng.random() < 0.5
            found = {n for n, m in truth.of.items() if (len(m.versions) > 1) == is_changed}
            return Asked(f"changed:{'yes' if is_changed else 'no'}", found, found)
    written, is_named = _policy(rng)
    latest, in_all = set(), set()
    for number, made in truth.of.items():
        holds = [is_named(made, named) for named in made.named]
        latest |= {number} if holds[-1] else set()
        in_all |= {number} if any(holds) else set()
    return Asked(written, latest, in_all)


def _policy(rng: random.Random) -> tuple[str, Callable[[Made, Named], bool]]:
    """A policy field as it is asked for, and what it means for a version."""
    match rng.randrange(5):
        case 0:
            asked = rng.choice(rng.choice(AGENCIES))
            return f"agency:{asked}", lambda _, v: any(
                asked in names for names in pick(AGENCIES, v.agencies)
            )
        case 1:
            name = rng.choice(OFFICIALS)
            return f"official:{name}", lambda _, v: name in pick(OFFICIALS, v.officials)
        case 2:
            which = rng.randrange(len(DOCUMENTS))
            title, _, number, other = DOCUMENTS[which]
            asked = rng.choice((title, number or title, other))
            return f'document:"{asked}"', lambda _, v: which in v.cited + v.explained
        case 3:
            kind = rng.choice([kind for kind in TYPES.values() if kind])
            return f"type:{kind}", lambda made, _: TYPES[made.channel] == kind
    asked, inside = rng.choice(
        (
            ("310107", {1}), ("310000", {0, 1, 6}), ("上海市", {0, 1, 6}), ("普陀区", {1, 2, 3}),
            ("上海市普陀区", {1}), ("浙江省", {3, 4, 5}), ("33", {3, 4, 5}), ("3309", {3, 4}),
            ("舟山市", {3, 4}), ("330900", {3, 4}), ("330903", {3}), ("浙江省/舟山市", {3, 4}),
            ("黄浦区", {6}), ("北京市", set()), ("11", set()), ("%", set()),
        )
    )  # fmt: skip
    return f"region:{asked}", lambda _, v: not inside.isdisjoint(v.regions)


def _word(truth: Truth, rng: random.Random) -> Asked:
    draw = rng.random()
    if draw < 0.25:
        word = rng.choice(FIXED)
    elif draw < 0.4:
        word = rng.choice(_HAN + "5a%《，\"'\\_^*(")
    else:
        texts = rng.choice(list(truth.of.values())).versions[0][1]
        text = rng.choice(texts)
        start = rng.randrange(len(text))
        word = text[start : start + rng.choice((2, 2, 2, 3, 3, 4, 5, 6, 9, 15))].strip() or "的"
    if rng.random() < 0.1:  # the other width
        word = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)
    quoted = '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return Asked(quoted, truth.having(word), truth.having(word, in_all=True))
