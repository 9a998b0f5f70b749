"""News texts written from topics, copies of them as portals make them, and hard negatives.

Called by the reprint tests and benchmarks. Articles share vocabulary and stock phrases; those of a
series (a weekly bulletin) share a standing paragraph and are no copies of one another.
"""

import random
from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from tests.search_corpus import make_vocabulary

Paragraphs = tuple[str, ...]
SERIES = 50  # articles of a series
STOCK = (
    "有关负责人表示", "下一步将会同有关部门", "持续优化营商环境", "推动高质量发展", "加强组织领导",
    "确保各项政策落地见效", "为经营主体和群众提供更多便利", "坚持问题导向和目标导向",
    "进一步深化改革扩大开放", "记者从新闻发布会上获悉", "各地区各部门要结合实际认真贯彻执行",
    "自发布之日起施行", "近年来取得积极成效", "按照党中央国务院决策部署", "强化部门协同和上下联动",
    "建立健全长效机制", "对此作出专门部署", "广泛听取了各方面的意见建议", "具有十分重要的意义",
    "加大财政金融支持力度", "切实减轻企业和基层负担", "让数据多跑路、群众少跑腿",
    "把惠民生的事办实办好", "总体来看", "与此同时", "专家认为", "数据显示",
    "目前已有多个省份开展试点",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of the corpus; ``family`` is shared by an original and its copies."""

    number: int
    family: int
    kind: str
    paragraphs: Paragraphs


class Newsroom:
    """Writes originals and makes copies, the same ones for the same numbers every time."""

    def __init__(self) -> None:
        self._common, *self._topics = make_vocabulary("newsroom")
        self._weights = {
            size: list(accumulate(1 / (rank + 3) for rank in range(size))) for size in (250, 300)
        }

    def write(self, number: int) -> Paragraphs:
        """An original of some 150 to 2,500 characters."""
        rng = random.Random(f"original {number}")
        topics = rng.sample(self._topics, 2)
        wanted = min(int(rng.paretovariate(1.3) * 300), 2200)
        return self._paragraphs(rng, topics, wanted)

    def write_of_series(self, number: int) -> Paragraphs:
        """An issue of a series: a third of its text, or more, is that of every issue."""
        series = number // SERIES
        rng = random.Random(f"series {series}")
        topics = rng.sample(self._topics, 2)
        standing = self._paragraphs(rng, topics, rng.randint(200, 400))
        rng = random.Random(f"issue {number}")
        own = self._paragraphs(rng, topics, int(sum(map(len, standing)) * rng.uniform(1.2, 2.0)))
        return (*own[: len(own) // 2], *standing, *own[len(own) // 2 :])

    def sentence(self, rng: random.Random, topics: list[list[str]]) -> str:
        """Words of the topics among common ones, and now and then a stock phrase."""
        clauses = []
        for _ in range(rng.randint(1, 4)):
            if rng.random() < 0.25:
                clauses.append(rng.choice(STOCK))
                continue
            words = (
                self._draw(rng, self._common if rng.random() < 0.4 else rng.choice(topics))
                for _ in range(rng.randint(3, 8))
            )
            clauses.append("".join(words))
        return "，".join(clauses) + "。"

    def _draw(self, rng: random.Random, words: list[str]) -> str:
        weights = self._weights[len(words)]
        return words[bisect(weights, rng.random() * weights[-1], 0, len(words) - 1)]

    def _paragraphs(self, rng: random.Random, topics: list[list[str]], size: int) -> Paragraphs:
        found: list[str] = []
        while sum(map(len, found)) < size:
            found.append("".join(self.sentence(rng, topics) for _ in range(rng.randint(1, 4))))
        return tuple(found)

    # -- copies -------------------------------------------------------------------------------

    def trim(self, original: Paragraphs, rng: random.Random) -> Paragraphs:
        """Without 30 % of the characters: the end, the beginning, the middle, or here and there."""
        sentences = _sentences(original)
        total = sum(len(text) for _, text in sentences)
        place = rng.choice(("end", "beginning", "middle", "anywhere"))
        order = list(range(len(sentences)))
        if place == "end":
            order.reverse()
        elif place == "middle":
            order = order[len(order) // 3 :] + order[: len(order) // 3]
        elif place == "anywhere":
            rng.shuffle(order)
        cut, left = set(), int(total * 0.3)
        for index in order:
            size = len(sentences[index][1])
            if size <= left:
                cut.add(index)
                left -= size
            else:  # in mid-sentence, so that it is 30 % and not less
                paragraph, text = sentences[index]
                sentences[index] = (
                    paragraph,
                    text[left:] if place != "end" else text[: size - left],
                )
                break
        return _joined([part for index, part in enumerate(sentences) if index not in cut])

    def put_under_new_head(self, original: Paragraphs, rng: random.Random) -> Paragraphs:
        """With a head and a tail of the portal's own, together some 20 % as long as the text."""
        topics = rng.sample(self._topics, 1)
        size = sum(map(len, original)) * rng.uniform(0.1, 0.2)
        head = "编者按：" + self.sentence(rng, topics)
        tail = "（责任编辑：某某）" + self.sentence(rng, topics)
        while len(head) + len(tail) < size:
            head, tail = head + self.sentence(rng, topics), tail + self.sentence(rng, topics)
        return (head[: int(size)], *original, tail[: max(int(size) - len(head), 10)])

    def edit(self, original: Paragraphs, rng: random.Random) -> Paragraphs:
        """With 10 % of the sentences edited: a word in, out or replaced, or all rewritten."""
        topics = rng.sample(self._topics, 1)
        sentences = _sentences(original)
        for index in rng.sample(range(len(sentences)), -(-len(sentences) // 10)):
            paragraph, text = sentences[index]
            at = rng.randrange(len(text))
            word = self._draw(rng, topics[0])
            sentences[index] = (
                paragraph,
                rng.choice(
                    (
                        text[:at] + word + text[at:],
                        text[:at] + text[at + 4 :],
                        text[:at] + word + text[at + len(word) :],
                        self.sentence(rng, topics),
                    )
                ),
            )
        return _joined(sentences)

    def set_anew(self, original: Paragraphs, rng: random.Random) -> Paragraphs:
        """The same words in other paragraphs and with narrow punctuation."""
        text = "".join(original).replace("，", ",").replace("、", " 、 ")
        size = rng.randint(80, 200)
        return tuple(text[start : start + size] for start in range(0, len(text), size))


COPIES: dict[str, Callable[[Newsroom, Paragraphs, random.Random], Paragraphs]] = {
    "trimmed": Newsroom.trim,
    "new head and tail": Newsroom.put_under_new_head,
    "edited": Newsroom.edit,
    "set anew": Newsroom.set_anew,
}


def make_pieces(count: int, *, copied: float = 0.1, in_series: float = 0.2) -> list[Piece]:
    """Originals, issues of series and copies (of either, of every kind), in mixed order."""
    room = Newsroom()
    rng = random.Random("pieces")
    copies = int(count * copied)
    issues = int(count * in_series)
    first: list[tuple[int, str, Paragraphs]] = [
        (n, "original", room.write(n)) for n in range(count - copies - issues)
    ]
    first += [(10**9 + n, "issue", room.write_of_series(n)) for n in range(issues)]
    made = list(first)
    kinds = list(COPIES)
    for n, (family, _, paragraphs) in enumerate(rng.sample(first, copies)):
        kind = kinds[n % len(kinds)]
        made.append((family, kind, COPIES[kind](room, paragraphs, rng)))
    rng.shuffle(made)
    return [Piece(n, *rest) for n, rest in enumerate(made, 1)]


def _sentences(paragraphs: Paragraphs) -> list[tuple[int, str]]:
    """Sentences with the number of their paragraph."""
    return [
        (number, sentence + "。")
        for number, paragraph in enumerate(paragraphs)
        for sentence in paragraph.split("。")
        if sentence
    ]


def _joined(sentences: list[tuple[int, str]]) -> Paragraphs:
    found: dict[int, str] = {}
    for number, text in sentences:
        found[number] = found.get(number, "") + text
    return tuple(text for text in found.values() if text)
