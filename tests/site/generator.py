"""Composes articles from sentence patterns: as many as a test wants, the same ones every time.

The patterns are tables in ``topics/*.json``. Called by ``tests.site.newsroom``, which adds them to
the articles written by hand.
"""

import datetime as dt
import json
import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from storage import SHANGHAI
from tests.site.record import SampleArticle, Show

TOPICS = Path(__file__).parent / "topics"
HOSTS = ("gov", "paper", "juhe")
CHANNELS = {"gov": "政策解读", "paper": "时政解读", "juhe": "资讯"}
FIRST_NUMBERS = {"gov": 2001, "paper": 50001, "juhe": 2001}
FIRST_DAY = dt.date(2023, 1, 3)
DAYS = 1270  # to the middle of 2026
MEDIUM = "样例日报"
LEAST_TEXT = 320  # characters in paragraphs
HEADS = {"局": "局长", "厅": "厅长", "会": "主任"}  # of an agency, by its last character

Block = dict[str, str]


def generate_articles(count: int) -> list[SampleArticle]:
    """The first ``count`` composed articles, a third on each host; more only add to the list.

    Raises ``ValueError`` when there are not that many different titles.
    """
    if count > most_articles():
        raise ValueError(f"{count} articles wanted; the tables give {most_articles()} titles")
    return [_compose(number) for number in range(count)]


def compose_article(host: str, serial: int, posted_at: dt.datetime) -> SampleArticle:
    """The composed article of a host (``gov``, ``paper``, ``juhe``) with this number, from 0, as
    posted at a time of our choosing.

    The page tells it by the day, the minute or the second, as the article always does.
    """
    return _compose(3 * serial + HOSTS.index(host), posted_at.astimezone(SHANGHAI))


def most_articles() -> int:
    """How many articles with titles of their own the tables give."""
    least = min(len(topic["titles"]) for topic in _topics())
    return len(_topics()) * least * len(_common()["cities"])


def patterns() -> list[str]:
    """All sentence patterns, of every topic and the common ones."""
    common = _common()
    kinds = ("leads", "targets", "measures", "practices", "quotes", "closings")
    shared = [pattern for kind in kinds for pattern in common[kind]]
    return shared + [pattern for topic in _topics() for pattern in topic["sentences"]]


@cache
def _common() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((TOPICS / "common.json").read_text("utf-8"))
    return tables


@cache
def _topics() -> list[dict[str, Any]]:
    files = sorted(TOPICS.glob("topics_*.json"))
    return [topic for file in files for topic in json.loads(file.read_text("utf-8"))]


@dataclass(slots=True)
class _Slots:
    """Values for the patterns: ``fixed`` for one article, all others drawn anew each time.

    An official is named with office and post the first time and by name alone afterwards.
    """

    rng: random.Random
    fixed: dict[str, str]
    officials: dict[str, str]  # name: agency and post
    expert: tuple[str, str]  # name, university and post
    named: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> str:
        if name in self.fixed:
            return self.fixed[name]
        rng, common = self.rng, _common()
        match name:
            case "d":
                return str(rng.randint(3, 9))
            case "a":
                return str(rng.randint(11, 28))
            case "b":
                return str(rng.randint(103, 989))
            case "m":
                return str(rng.randint(1, 12))
            case "pct":
                return f"{rng.randint(51, 965) / 10:.1f}"
            case "most":
                return f"{rng.randint(851, 996) / 10:.1f}"
            case "yi" | "wan":
                return f"{rng.randint(105, 9870) / 100:.2f}"
            case "city":
                return rng.choice(common["cities"])
            case "county":
                return rng.choice(common["counties"])
            case "company":
                return rng.choice(common["companies"])
            case "univ":
                return rng.choice(common["universities"])
            case "who":
                person = rng.choice(list(self.officials))
                return self._name(person, self.officials[person])
            case "expert":
                return self._name(*self.expert)
        raise KeyError(name)

    def fill(self, pattern: str) -> str:
        """``pattern`` with its slots filled."""
        return pattern.format_map(self)

    def _name(self, person: str, post: str) -> str:
        if person in self.named:
            return person
        self.named.add(person)
        return post + person


def _compose(number: int, posted_at: dt.datetime | None = None) -> SampleArticle:
    rng = random.Random(f"jiedu sample {number}")
    host = HOSTS[number % 3]
    # Topic, title pattern and place together are the number in mixed radix: no title twice.
    topics = _topics()
    topic_number = number // 3 % len(topics)
    topic = topics[topic_number]
    turn = number // (3 * len(topics)) * 3 + number % 3
    kind, round_ = turn % len(topic["titles"]), turn // len(topic["titles"])
    cities = _common()["cities"]
    city_number = (round_ * 17 + topic_number * 7 + kind * 23) % len(cities)
    place = cities[city_number]
    day = FIRST_DAY + dt.timedelta(days=rng.randrange(DAYS))
    if posted_at is not None:
        day = posted_at.date()
    slots = _slots(rng, topic, place, city_number, day)
    blocks = _blocks(rng, topic, slots)
    title = slots.fill(topic["titles"][kind])
    return _article(rng, host, number // 3, day, title, blocks, slots, posted_at)


def _slots(
    rng: random.Random, topic: dict[str, Any], place: str, city_number: int, day: dt.date
) -> _Slots:
    common = _common()
    province = common["provinces"][city_number % len(common["provinces"])]
    agencies = [province + name for name in topic["agencies"]]
    first, second, third = _people(rng, 3)
    document, alias = rng.choice(topic["docs"])
    head = HEADS[agencies[0][-1]]
    return _Slots(
        rng=rng,
        fixed={
            "topic": topic["topic"],
            "place": place,
            "prov": province,
            "agency": agencies[0],
            "issuers": "、".join(agencies[: rng.randint(2, 3)]),
            "doc": place + document,
            "alias": alias,
            "this": str(day.year),
            "last": str(day.year - 1),
            "goal": str(day.year + rng.randint(1, 4)),
        },
        officials={
            first: f"{agencies[0]}副{head}",
            second: f"{agencies[0]}{rng.choice(topic['offices'])}处长",
        },
        expert=(third, f"{rng.choice(common['universities'])}教授"),
    )


def _people(rng: random.Random, count: int) -> list[str]:
    """Different invented names of two or three characters."""
    common = _common()
    names: list[str] = []
    while len(names) < count:
        given = "".join(rng.sample(common["given"], rng.randint(1, 2)))
        name = rng.choice(common["surnames"]) + given
        if name not in names:
            names.append(name)
    return names


def _blocks(rng: random.Random, topic: dict[str, Any], slots: _Slots) -> tuple[Block, ...]:
    """A lead, then sections of own and common sentences under headings, then a closing."""
    common = _common()
    pools = {
        kind: rng.sample(common[kind], len(common[kind]))
        for kind in ("leads", "targets", "measures", "practices", "quotes", "closings")
    }
    pools["own"] = rng.sample(topic["sentences"], len(topic["sentences"]))

    def paragraph(*kinds: str) -> Block:
        text = "".join(slots.fill(pools[kind].pop()) for kind in kinds)
        return {"kind": "paragraph", "text": text}

    blocks = [paragraph("leads", rng.choice(("targets", "own")))]
    shapes = (
        ("own", "quotes"), ("quotes", "measures", "own"), ("practices", "own"),
        ("own", "measures"), ("practices", "quotes", "measures"), ("targets", "own"),
    )  # fmt: skip
    count = rng.randint(4, 9) - 2
    wanted = rng.sample(topic["headings"], rng.randint(1, min(3, count)))
    starts = sorted(rng.sample(range(count), len(wanted)))
    order = [*rng.sample(shapes, len(shapes)), ("practices", "quotes")]
    for position in range(count):
        if position in starts:
            blocks.append({"kind": "heading", "text": wanted[starts.index(position)]})
        blocks.append(paragraph(*order[position]))
    blocks.append(paragraph("closings"))
    while sum(len(b["text"]) for b in blocks if b["kind"] == "paragraph") < LEAST_TEXT:
        blocks[-1]["text"] = slots.fill(pools["practices"].pop()) + blocks[-1]["text"]
    return tuple(blocks)


def _article(
    rng: random.Random,
    host: str,
    serial: int,
    day: dt.date,
    title: str,
    blocks: tuple[Block, ...],
    slots: _Slots,
    posted_at: dt.datetime | None,
) -> SampleArticle:
    number = FIRST_NUMBERS[host] + serial
    time = dt.time(rng.randint(7, 20), rng.randrange(60), tzinfo=SHANGHAI)
    if posted_at is not None:
        time = dt.time(posted_at.hour, posted_at.minute, tzinfo=SHANGHAI)
    precision = "minute"
    values: dict[str, Any] = {}
    if host == "gov":
        url = f"https://zcjd.samples.example/jiedu/{day:%Y%m}/t{day:%Y%m%d}_{number}.html"
        if rng.random() < 0.4:
            time, precision = dt.time(tzinfo=SHANGHAI), "day"
        values["source"] = slots.fixed["agency"]
    elif host == "paper":
        url = f"http://paper.samples.example/n1/{day:%Y/%m%d}/c1024-{number}.html"
        values |= _printed(rng, day) | _byline(rng, slots) | {"source": MEDIUM}
    else:
        url = f"http://juhe.samples.example/news/{number}.html"
        time, precision = time.replace(second=rng.randrange(60)), "second"
        printed_on = day - dt.timedelta(days=rng.randint(1, 12))
        values |= _printed(rng, printed_on) | _byline(rng, slots) | {"uploader": "创始人"}
        values["column_tag"] = "政策解读"
    if host != "juhe" and rng.random() < 0.5:
        values["editors"] = tuple(_people(rng, rng.randint(1, 2)))
    tag = f"({values['column_tag']})" if "column_tag" in values else ""
    at = dt.datetime.combine(day, time).isoformat()
    printed = {"published_at": at, "published_precision": precision, "published_basis": "meta"}
    return SampleArticle(
        url=url,
        title=title + tag,
        title_main=title,
        channel=CHANNELS[host],
        posted_at=at,
        posted_precision=precision,
        blocks=blocks,
        **(printed | values),
    )


def _printed(rng: random.Random, day: dt.date) -> dict[str, Any]:
    """The origin line of the newspaper of ``day`` and the publication it dates."""
    page = f"{rng.randint(1, 20):02}"
    return {
        "origin": {
            "medium": MEDIUM,
            "date": f"{day:%Y-%m-%d}",
            "page": page,
            "raw": f"《 {MEDIUM} 》（ {day:%Y年%m月%d日}   {page} 版）",
        },
        "published_at": f"{day:%Y-%m-%d}T00:00:00+08:00",
        "published_precision": "day",
        "published_basis": "origin",
    }


def _byline(rng: random.Random, slots: _Slots) -> dict[str, Any]:
    """A byline whose names of two characters are padded, as newspapers set them."""
    taken = {*slots.officials, slots.expert[0]}
    names = [name for name in _people(rng, 5) if name not in taken][: rng.randint(1, 2)]
    shown = [f"{name[0]}  {name[1]}" if len(name) == 2 else name for name in names]
    byline = f"本报记者  {'  '.join(shown)}"
    return {
        "byline": " ".join(byline.split()),
        "byline_role": "本报记者",
        "authors": tuple(names),
        "show": Show(byline=byline),
    }
