"""Every kind of entity is read from the annotated passages as well as the floor demands.

``python -m benchmarks.policy`` prints the same figures.
"""

from functools import cache

import pytest

from tests.policy_gold import HALVES, read_half
from tests.policy_gold.scoring import KINDS, Score, score_half

FLOOR = 0.95
LEAST = 60  # passages in a half
LEAST_ITEMS = {"titles": 40, "numbers": 14, "agencies": 30, "officials": 12, "statements": 14}


@cache
def _scores(half: str) -> dict[str, Score]:
    return score_half(half)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("half", HALVES)
def test_precision_and_recall_keep_their_floor(half: str, kind: str) -> None:
    score = _scores(half)[kind]
    assert score.precision >= FLOOR, score
    assert score.recall >= FLOOR, score


@pytest.mark.parametrize("half", HALVES)
def test_a_half_is_large_enough_to_judge_by(half: str) -> None:
    passages = read_half(half)
    assert len(passages) >= LEAST
    assert len({passage.id for passage in passages}) == len(passages)
    for kind, least in LEAST_ITEMS.items():
        score = _scores(half)[kind]
        assert score.right + score.missed >= least, kind


def test_halves_share_no_passage() -> None:
    dev, acceptance = ({passage.text for passage in read_half(half)} for half in HALVES)
    assert not dev & acceptance
