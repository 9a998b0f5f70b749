"""Whether a share or a length has left what was usual for a portal: robust, and by chance rare.

Pure functions of figures per run, oldest first; used by ``storage.health.reading``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from statistics import median

LEAST_RUNS = 8  # earlier ones; before that nothing is said
_MAD = 1.4826  # makes the median absolute deviation that of a normal distribution
_SHARE = 0.5
_RISE = 0.3
_DEVIATIONS = 5
# A rise that chance would bring more often than this is none: a portal that states no source on a
# fifth of its pages has three such pages in a row every few months.
_CHANCE = 3e-4
_CHANCE_AGAIN = 5e-5  # for each further look at more runs
_RUN_WEIGHT = 20  # pages of one run that count: the first load holds years of other templates
# The newest runs that are looked at together, as many as it takes to be sure.
_WINDOWS = (*range(1, 13), 16, 24, 32, 48, 64, 96, 128, 192, 256)
_SHRUNK = 0.5
_LENGTH_DEVIATIONS = 4
LEAST_LENGTHS = 3  # texts before their median means anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The runs from number ``first`` on are unlike those before: ``now`` against ``usual``.

    ``part`` of ``whole`` pages are unlike, for a share; ``whole`` is the number of texts, for a
    length.
    """

    first: int
    now: float
    usual: float
    part: int
    whole: int


def find_jump(shares: Sequence[tuple[int, int]], least: int) -> Jump | None:
    """Judge parts of wholes; at least so many wholes are taken together from the newest run on.

    The newest of them must be at least half bad, so the warning ends with the first good pages;
    then ever more runs are taken together until the rise is beyond chance.
    """
    seen = [(number, part, whole) for number, (part, whole) in enumerate(shares) if whole]
    is_newest = True
    for size in _WINDOWS:
        earlier, newest = seen[:-size], seen[-size:]
        if len(earlier) < LEAST_RUNS:
            return None
        part, whole = sum(run[1] for run in newest), sum(run[2] for run in newest)
        if whole < least:
            continue
        now = part / whole
        if is_newest and now < _SHARE:
            return None
        chance, is_newest = _CHANCE if is_newest else _CHANCE_AGAIN, False
        usual, deviation = _robust([run[1] / run[2] for run in earlier])
        is_beyond = now >= _SHARE and now > usual + max(_RISE, _DEVIATIONS * deviation)
        if is_beyond and _chance(part, whole, _rate(earlier)) < chance:
            return Jump(first=newest[0][0], now=now, usual=usual, part=part, whole=whole)
    return None


def find_shrink(lengths: Sequence[tuple[int, float | None]]) -> Jump | None:
    """Judge median text lengths (number of texts, their median), by their logarithms.

    Lengths of articles differ by factors, so a deviation is one: with a plain one, texts of 500 to
    5,000 characters could shrink to nothing unnoticed. Runs are taken together from the newest on
    until each batch has enough texts, so like is compared with like.
    """
    batches = _batches([(n, count, value) for n, (count, value) in enumerate(lengths) if count])
    if len(batches) <= LEAST_RUNS:
        return None
    (first, count, now), earlier = batches[0], [batch[2] for batch in batches[1:]]
    usual, deviation = _robust([log1p(value) for value in earlier])
    limit = min(usual + log(_SHRUNK), usual - _LENGTH_DEVIATIONS * deviation)
    if log1p(now) >= limit:
        return None
    return Jump(first=first, now=now, usual=exp(usual) - 1, part=count, whole=count)


def _batches(runs: Sequence[tuple[int, int, float | None]]) -> list[tuple[int, int, float]]:
    """Number of the first run, count of texts and median of each batch, the newest first."""
    batches: list[tuple[int, int, float]] = []
    values: list[float] = []
    for number, count, value in reversed(runs):
        if value is None:
            continue
        values += [value] * min(count, _RUN_WEIGHT)
        if len(values) >= LEAST_LENGTHS:
            batches.append((number, len(values), median(values)))
            values = []
    return batches


def _robust(values: Sequence[float]) -> tuple[float, float]:
    """The median and the deviation from it."""
    middle = median(values)
    return middle, _MAD * median(abs(value - middle) for value in values)


def _rate(runs: Sequence[tuple[int, int, int]]) -> float:
    """The share all runs had together; never 0, for what never happened yet may happen."""
    weights = [min(whole, _RUN_WEIGHT) for _, _, whole in runs]
    parts = sum(
        weight * part / whole for weight, (_, part, whole) in zip(weights, runs, strict=True)
    )
    return (parts + 0.5) / (sum(weights) + 1)


def _chance(part: int, whole: int, rate: float) -> float:
    """The probability of at least ``part`` of ``whole`` at a rate (binomial)."""
    return sum(
        exp(
            lgamma(whole + 1) - lgamma(k + 1) - lgamma(whole - k + 1)
            + k * log(rate) + (whole - k) * log1p(-rate)
        )
        for k in range(part, whole + 1)
    )  # fmt: skip
