"""Reading policy entities takes linear time, whatever stands in the text."""

import random
import time

import pytest

from benchmarks.policy import LENGTH, LIMIT_SECONDS, compose_article
from crawler.extract.policy import read_policy
from storage import Article
from tests.policy_article import make_article

# A slow or busy machine may take so many times the limit; benchmarks/policy.py prints the ratio.
TOLERANCE = 4
GROWN = 1_000_000
GROWTH = 4  # times linear growth
SECONDS = 12  # for 1 MB of the worst text, where the sane ones take one or two
UNITS = (
    "《", "》", "《》", "“", "“”", "（", "()", "〔2024〕", "号", "令第5号", "财政部、",
    "国务院", "印发《通知》", "省市县区", "鼓楼区", "浙江杭州", "局长张三丰表示，", "局长",
    "说", "在会上", "在", "上", "到2027年，", "95%", "一二三", "、", " ", "\u3000",
    "等四部门", "（以下简称《意见》）", "《意见》（以下简称《意见》）",
    "“甲乙丙丁戊己庚辛。”财政部部长张三丰说。", "财政部公告2023年第1号",
)  # fmt: skip


def _seconds(article: Article) -> float:
    started = time.process_time()
    read_policy(article)
    return time.process_time() - started


def _is_quick(article: Article, limit: float) -> bool:
    """Whether one of three readings stays under the limit: a busy machine slows some of them."""
    return any(_seconds(article) < limit for _ in range(3))


def test_an_ordinary_article_stays_under_the_limit() -> None:
    article = compose_article(LENGTH)
    assert min(_seconds(article) for _ in range(7)) < LIMIT_SECONDS * TOLERANCE


def test_time_grows_with_the_length_only() -> None:
    tenth = min(_seconds(compose_article(GROWN // 10)) for _ in range(3))
    assert _seconds(compose_article(GROWN)) < tenth * 10 * GROWTH


@pytest.mark.parametrize("seed", range(6))
def test_no_mixture_of_units_takes_long(seed: int) -> None:
    """One block of 100,000 characters: patterns that backtrack would take minutes."""
    draw = random.Random(seed)
    units = draw.sample(UNITS, draw.randint(1, 5))
    text = "".join(draw.choice(units) for _ in range(60_000))[:100_000]
    assert _is_quick(make_article(text, title=None), SECONDS / 10 * TOLERANCE)


@pytest.mark.parametrize("unit", UNITS)
def test_no_unit_repeated_takes_long(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    assert _is_quick(make_article(text, title=None), SECONDS / 50 * TOLERANCE)
