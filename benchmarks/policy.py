"""Precision and recall of the policy entities on both annotated halves, and the cost of reading.

    python -m benchmarks.policy

The dev half is what rules were tuned on; the acceptance half was annotated before the rules and
never tuned on. The cost is CPU time for an article of 1,700 characters, and for a text grown to
1 MB beside what linear growth would take.
"""

import time

from crawler.extract.policy import read_policy
from storage import Article, Block, place_blocks
from tests.policy_gold import HALVES, read_half
from tests.policy_gold.scoring import KINDS, Score, score_half

FLOOR = 0.95
LENGTH = 1_700  # characters of the founding article
LIMIT_SECONDS = 0.005
GROWN = 1_000_000


def main() -> None:
    """Print both tables."""
    halves = {half: score_half(half) for half in HALVES}
    print(f"{'':12}" + "".join(f"{half:>26}" for half in HALVES))
    print(f"{'':12}" + f"{'precision':>14}{'recall':>12}" * len(HALVES))
    for kind in KINDS:
        print(f"{kind:12}" + "".join(_cells(scores[kind]) for scores in halves.values()))
    print(f"\nfloor {FLOOR}; passages: {', '.join(f'{len(read_half(h))} {h}' for h in HALVES)}")
    short, long = _cost(LENGTH), _cost(GROWN)
    growth = long / (short * GROWN / LENGTH)
    share = short / LIMIT_SECONDS
    print(f"{LENGTH} characters: {short * 1000:.2f} ms of CPU, {share:.2f} of the limit")
    print(f"{GROWN} characters: {long:.2f} s, {growth:.2f} of linear growth")


def _cells(score: Score) -> str:
    return f"{score.precision:14.3f}{score.recall:12.3f}"


def compose_article(length: int) -> Article:
    """An article of at least ``length`` characters made of all passages in turn."""
    lines = [line for half in HALVES for p in read_half(half) for line in p.text.splitlines()]
    texts: list[str] = []
    size = 0
    while size < length:
        line = lines[len(texts) % len(lines)]
        texts.append(line)
        size += len(line) + 1
    blocks = place_blocks([Block(kind="paragraph", text=text) for text in texts])
    return Article(url="https://www.example.cn/1.html", reader="benchmark", blocks=blocks)


def _cost(length: int) -> float:
    """CPU seconds of one reading, the least of several."""
    article = compose_article(length)
    runs = []
    for _ in range(5 if length < GROWN else 1):
        started = time.process_time()
        read_policy(article)
        runs.append(time.process_time() - started)
    return min(runs)


if __name__ == "__main__":
    main()
