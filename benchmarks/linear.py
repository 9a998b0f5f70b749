"""Whether reading a page takes time in proportion to its size, and how deep a page may be nested.

Called by extraction.py. Pages of several shapes are composed, each from 10 KB to 20 MB, and read as
bytes; the time per byte is compared with that of the same shape at 100 KB. A shape that grows
faster than its size shows here long before a hostile or broken page shows it to a crawl. Under
100 KB what every page costs, whatever its size, weighs more a byte: printed, but no growth.
"""

import gc
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from limits import Finding

from crawler.extract import ExtractionError, extract

KB, MB = 1_000, 1_000_000
_SIZES = (10 * KB, 100 * KB, MB, 5 * MB, 20 * MB)
_YARDSTICK = _SIZES[1]
_DEPTH = 1_900  # libxml2 reads 2,048 levels; html, body and the article's own take some
_READ_LEVELS = 2_000  # text nested as deep as this must be read
_FAR_LEVELS = (2_100, 10_000, 100_000)  # deeper: a result or ExtractionError
_SECONDS_PER_SIZE = 1.5  # small pages are read again and again until their times add up to this
_MOST_TURNS = 40
_LEAST_TURNS = 3
_INNERMOST = "最里层的第一段话，说明这项工作的背景和主要考虑。"
_PHRASES = (
    "各地区各部门结合实际",
    "进一步优化营商环境",
    "推动经济高质量发展",
    "有关负责人表示",
    "完善公共服务体系",
    "加强基层治理能力建设",
    "支持中小企业创新",
    "保障和改善民生",
    "坚持统筹协调分类推进",
    "积极稳妥落实各项任务",
)


class Composer:
    """Running text, the same on every machine; ``size`` is always in bytes of UTF-8."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        self._count = 0

    def sentence(self, clauses: int = 4) -> str:
        parts = [self._random.choice(_PHRASES) for _ in range(clauses)]
        self._count += 1  # no sentence comes twice: repeated text is a case of its own
        return f"{'，'.join(parts)}，第{self._count}项已经完成。"

    def until(self, size: int, make: Callable[[], str]) -> Iterator[str]:
        written = 0
        while written < size:
            piece = make()
            written += len(piece.encode())
            yield piece

    def paragraphs(self, size: int) -> str:
        """As a news page has them."""
        return "".join(self.until(size, lambda: f"<p>{self.sentence(12)}</p>\n"))

    def links(self, size: int) -> str:
        """A short article under long lists of others."""
        article = self.paragraphs(min(size // 4, 6 * KB))

        def item() -> str:
            number = self._random.randint(10**6, 10**7)
            return f'<li><a href="/2024/t{number}.html">{self.sentence(2)}</a></li>\n'

        rows = "".join(self.until(size - len(article.encode()), item))
        return f'{article}</div><div class="list"><ul>{rows}</ul>'

    def table(self, size: int) -> str:
        """One data table under a paragraph."""

        def row() -> str:
            cells = (self._random.choice(_PHRASES) for _ in range(5))
            return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"

        rows = "".join(self.until(size, row))
        return f"<p>{self.sentence(12)}</p><table>{rows}</table>"

    def nesting(self, size: int) -> str:
        """Stacks of divisions within divisions, some text at each level."""

        def stack() -> str:
            depth = min(_DEPTH, size // 60)
            levels = "".join(f"<div>{self._random.choice(_PHRASES)}，" for _ in range(depth))
            return levels + "</div>" * depth + "\n"

        return "".join(self.until(size, stack))

    def line_breaks(self, size: int) -> str:
        """A single division whose paragraphs are parted by ``<br>``."""
        return "".join(self.until(size, lambda: f"　　{self.sentence(8)}<br><br>\n"))


SHAPES: dict[str, Callable[[Composer, int], str]] = {
    "paragraphs": Composer.paragraphs,
    "links": Composer.links,
    "one table": Composer.table,
    "deep nesting": Composer.nesting,
    "line breaks": Composer.line_breaks,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """The median CPU time of one shape at one size; ``is_read`` unless there was no article."""

    size: int
    seconds: float
    is_read: bool

    @property
    def per_byte(self) -> float:
        return self.seconds / self.size


def compose_page(content: str) -> bytes:
    head = '<html><head><meta charset="utf-8"><title>关于试点工作的解读</title></head><body>'
    line = "<h1>关于试点工作的解读</h1><p>2024-05-13 10:20 来源：示例网</p>"
    return f'{head}<div class="article">{line}{content}</div></body></html>'.encode()


def measure(body: bytes) -> Measure:
    seconds: list[float] = []
    is_read = True
    while len(seconds) < _LEAST_TURNS or (
        sum(seconds) < _SECONDS_PER_SIZE and len(seconds) < _MOST_TURNS
    ):
        gc.collect()  # what the last reading left is not this one's to clear
        started = time.process_time()
        try:
            extract(body)
        except ExtractionError:
            is_read = False
        seconds.append(time.process_time() - started)
    return Measure(len(body), statistics.median(seconds), is_read)


def measure_growth() -> list[Finding]:
    print("\nCPU time per byte, times that of the same shape at 100 KB (- no article found)")
    print(f"{'':<14}" + "".join(f"{name_size(size):>10}" for size in _SIZES), end="")
    print("   most growth   s at 20 MB   ms any page")
    measure(compose_page(Composer().paragraphs(10 * KB)))  # warm up
    worst = 0.0
    for name, compose in SHAPES.items():
        measures = {s: measure(compose_page(compose(Composer(), s))) for s in _SIZES}
        base = measures[_YARDSTICK].per_byte
        print(f"{name:<14}", end="")
        for size, found in measures.items():
            ratio = found.per_byte / base
            if size > _YARDSTICK:
                worst = max(worst, ratio)
            print(f"{f'{ratio:.2f}' + ('' if found.is_read else ' -'):>10}", end="")
        every = list(measures.values())
        growth = max(b.per_byte / a.per_byte for a, b in itertools.combinations(every, 2))
        print(f"{growth:>14.2f}{every[-1].seconds:>13.1f}{fixed_cost(*every[:2]) * 1000:>14.1f}")
    return [
        Finding("worst time per byte, times 100 KB's", worst),
        Finding("levels of nesting read", count_levels()),
    ]


def fixed_cost(small: Measure, large: Measure) -> float:
    """Seconds that a page of no size would take, by the line through two sizes."""
    slope = (large.seconds - small.seconds) / (large.size - small.size)
    return small.seconds - slope * small.size


def name_size(size: int) -> str:
    return f"{size // MB} MB" if size >= MB else f"{size // KB} KB"


def count_levels() -> int:
    """``_READ_LEVELS`` when text that deep is read; what deeper pages give is printed."""
    for levels in _FAR_LEVELS:
        try:
            extract(compose_nested(levels))
            print(f"{levels} levels: read")
        except ExtractionError as reason:
            print(f"{levels} levels: {reason}")
    try:
        is_read = _INNERMOST in extract(compose_nested(_READ_LEVELS)).text
    except ExtractionError as reason:
        print(f"{_READ_LEVELS} levels: {reason}")
        is_read = False
    return _READ_LEVELS if is_read else 0


def compose_nested(levels: int) -> bytes:
    """An article whose text stands ``levels`` elements deep, html, body and paragraph included."""
    depth = levels - 3
    inner = f"<p>{_INNERMOST}</p>{Composer().paragraphs(2 * KB)}"
    return f"<html><body>{'<div>' * depth}{inner}{'</div>' * depth}</body></html>".encode()
