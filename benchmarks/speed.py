"""CPU seconds a page: Jiedu beside trafilatura (with metadata) and resiliparse, in one run.

Called by extraction.py. Every extractor has a process of its own and reads a corpus once a
repetition, in turn, so that whatever else the machine does falls on all of them; caches are emptied
before each pass, since a crawl meets a page once.
"""

import contextlib
import statistics
from dataclasses import dataclass, field

from limits import Finding
from peers import PeerAbsent, ReaderProcess
from quality import Corpora

RIVAL = "trafilatura"  # the one with a floor
_PEERS = (RIVAL, "resiliparse")  # resiliparse reads the text alone, it has no metadata
_COMPARED = ("gne_zh", "aeb")


@dataclass(slots=True)
class Timings:
    """CPU seconds of one extractor on one corpus: a list by repetition for each page."""

    by_page: dict[str, list[float]] = field(default_factory=dict)

    def add(self, page: str, seconds: float) -> None:
        self.by_page.setdefault(page, []).append(seconds)

    @property
    def passes(self) -> list[float]:
        """Seconds for the whole corpus, by repetition."""
        return [sum(turn) for turn in zip(*self.by_page.values(), strict=True)]

    @property
    def slowest(self) -> tuple[str, float]:
        medians = {page: statistics.median(turns) for page, turns in self.by_page.items()}
        page = max(medians, key=medians.__getitem__)
        return page, medians[page]


def measure_speed(corpora: Corpora, repetitions: int, *, is_quick: bool) -> list[Finding]:
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(ReaderProcess("Jiedu"))]
        for name in () if is_quick else _PEERS:
            try:
                readers.append(stack.enter_context(ReaderProcess(name)))
            except PeerAbsent as reason:
                print(f"{name}: absent, {reason}")
        timings = {
            corpus: time_corpus(corpora, corpus, readers, repetitions) for corpus in corpora.pages
        }
    print_timings(timings, repetitions)
    return judge_timings(timings, is_quick=is_quick)


def time_corpus(
    corpora: Corpora, corpus: str, readers: list[ReaderProcess], repetitions: int
) -> dict[str, Timings]:
    """Timings by extractor; the peers read only the corpora that are compared."""
    if corpus not in _COMPARED:
        readers = [reader for reader in readers if reader.name == "Jiedu"]
    timings = {reader.name: Timings() for reader in readers}
    for reader in readers:  # not timed: some load their tables when a page first needs them
        reader.read_all(corpora.pages[corpus])
    for turn in range(repetitions):
        start = turn % len(readers)
        for reader in readers[start:] + readers[:start]:
            reader.clear()
            for key, answer in reader.read_all(corpora.pages[corpus]).items():
                timings[reader.name].add(key, answer.seconds)
    return timings


def ratios(timings: dict[str, Timings], rival: str) -> list[float]:
    """How many times the rival's CPU time Jiedu's fits into, repetition by repetition."""
    pairs = zip(timings["Jiedu"].passes, timings[rival].passes, strict=True)
    return [theirs / ours for ours, theirs in pairs]


def print_timings(timings: dict[str, dict[str, Timings]], repetitions: int) -> None:
    print(f"\nCPU time, median of {repetitions} interleaved repetitions (range of the ratios)")
    print(f"{'':<24}{'ms a page':>10}{'pages/s':>9}{'Jiedu is':>10}{'':16}slowest page")
    for corpus, by_reader in timings.items():
        print(corpus)
        for name, times in by_reader.items():
            each = statistics.median(times.passes) / len(times.by_page)
            page, seconds = times.slowest
            ratio = spread = ""
            if name != "Jiedu":
                turns = ratios(by_reader, name)
                ratio = f"{statistics.median(turns):.2f} x"
                spread = f"({min(turns):.2f}-{max(turns):.2f})"
            print(f"  {name:<22}{each * 1000:>10.1f}{1 / each:>9.0f}", end="")
            print(f"{ratio:>10} {spread:<15}{seconds:.3f} s {page}")


def judge_timings(timings: dict[str, dict[str, Timings]], *, is_quick: bool) -> list[Finding]:
    """A rival that is absent leaves its floors missed, unless it was left out on purpose."""
    findings = []
    for corpus in () if is_quick else _COMPARED:
        has_rival = RIVAL in timings[corpus]
        ratio = statistics.median(ratios(timings[corpus], RIVAL)) if has_rival else 0
        findings.append(Finding(f"times {RIVAL}'s speed, {corpus}", ratio))
    slowest = max(times["Jiedu"].slowest[1] for times in timings.values())
    return [*findings, Finding("slowest page, CPU seconds", slowest)]
