"""Targets: a goal with its horizon, its single clauses and their quantities.

Called by ``crawler.extract.policy``. A year alone makes no target: a state reached by a past day
(截至2023年底，全国已…) and a span of years (2015年到2020年) are facts.
"""

import re
from collections.abc import Iterator, Sequence

from crawler.extract.policy.view import Part, trim
from crawler.extract.words import words
from storage.entities import Quantity, Target

_HORIZON = re.compile(
    r"(?:(?P<prefix>力争到|展望到|截至|到|至)\s{0,3})?(?P<horizon>(?P<year>20\d{2})\s*年(?:底前|年底|底|末|前|上半年|下半年|中期|左右)?"
    r"|本世纪(?:中叶|末)|“十[四五六七]五”(?:时期|期间|末|期末)|“十[四五六七]五”规划期末)\s*(?P<comma>,)?\s*"
)
_GOAL = re.compile(r"[^。;!?]*")
_RANGE = "年月日—-~"  # before 到: a span, no horizon
_NO_PREFIX = "延推截直乃以甚从早提"
_DONE = re.compile(r"已经?|累计|共有|现有|以来|取得了|了(?!解|望)|曾")
_AHEAD = re.compile(
    r"将|力争|要|加快|达到|实现|完成|新增|建成|推动|推进|提高|提升|完善|形成|基本|突破|全面|健全|增强|建立|培育|进入|超过|明显|显著|控制|降"
)
_NO_GOAL = re.compile(r"(?:的|是(?!否)|期间|和|及|以来|[、()—-]|供暖|这)")
# A forecast has the form of a goal: 据测算，到2030年，需求量将达4500万辆.
_FORECAST = re.compile(r"预[计测将估]|测算|估[计算]|有望|或将|甚至|研报|展望报告")
_FORECAST_REACH = 60  # characters before the horizon, within its sentence
_UNITS = words(
    """
    个百分点 个 家 平方公里 公里 千米 平方米 立方米 米 万亿元 亿元 元 亿亩 亩 公顷 人次 人 户
    台 张 所 项 座 套 辆 吨标准煤 吨 千瓦时 千瓦 件 条 种 只 处 名 对 倍 岁 批 艘 架 部 块 株
    床 场 次 起 篇 度 美元 斤 公斤 升 比特 兆瓦 瓦时 标准立方米 EFLOPS
    """
)
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<value>\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(?P<unit>%|‰|(?:多|余)?(?:万亿|[千百]?[万亿])?(?:多|余)?(?:{_UNIT})"
    r"|(?:多|余)?(?:万亿|[万亿]))"
)


def find_targets(
    parts: Sequence[Part], text: str, published_year: int | None
) -> tuple[Target, ...]:
    """All targets; horizons before ``published_year`` are history."""
    return tuple(target for part in parts for target in _scan(part, text, published_year))


def _scan(part: Part, text: str, published_year: int | None) -> Iterator[Target]:
    view, last = part.view, 0
    for found in _HORIZON.finditer(view):
        if found.start() < last or not _is_horizon(view, found, published_year):
            continue
        goal = _GOAL.match(view, found.end())
        assert goal is not None
        end = goal.end()
        following = _next_horizon(view, found.end(), end)
        start, end = trim(view, found.end(), following)
        end = len(view[:end].rstrip(", "))
        if _is_forecast(view, found.start(), start, end):
            continue
        if end - start < 2 or not _is_goal(view[start:end], found, published_year):
            continue
        last = end
        yield Target(
            horizon=text[part.start + found.start("horizon") : part.start + found.end("horizon")],
            goal=text[part.start + start : part.start + end],
            clauses=tuple(_clauses(view, start, end, text, part.start)),
            start=part.start + found.start(),
            end=part.start + end,
            block=part.block,
            year=int(found["year"]) if found["year"] else None,
            quantities=tuple(_quantities(view, start, end, text, part.start)),
        )


def _is_horizon(view: str, found: re.Match[str], published_year: int | None) -> bool:
    before = view[found.start() - 1] if found.start() else ""
    prefix = found["prefix"]
    if found["year"]:
        if not prefix or (prefix in "到至" and before and before in _RANGE + _NO_PREFIX):
            return False
        if prefix == "至" and (before.isalnum() or not found["comma"]):
            return False
        return published_year is None or int(found["year"]) >= published_year
    return bool(found["comma"]) or prefix is not None


def _is_goal(goal: str, found: re.Match[str], published_year: int | None) -> bool:
    if _NO_GOAL.match(goal):
        return False
    if found["prefix"] == "截至" or not found["year"]:
        return not _DONE.search(goal) and bool(_AHEAD.search(goal))
    if not found["comma"] and not _AHEAD.search(goal):
        return False
    return not (_DONE.match(goal) and published_year is None)


def _is_forecast(view: str, horizon: int, start: int, end: int) -> bool:
    low = max(horizon - _FORECAST_REACH, 0)
    for mark in "。;!?":
        low = max(low, view.rfind(mark, low, horizon) + 1)
    return bool(_FORECAST.search(view, low, horizon) or _FORECAST.search(view, start, end))


def _next_horizon(view: str, start: int, end: int) -> int:
    """Where the next horizon begins inside a goal: 到2027年，…，到2030年，…."""
    for found in _HORIZON.finditer(view, start, end):
        is_whole = found["prefix"] and found["year"] and found["comma"]
        if is_whole and view[found.start() - 1] in ", ":
            return found.start()
    return end


def _clauses(view: str, start: int, end: int, text: str, offset: int) -> Iterator[str]:
    at = start
    for position in [*(i for i in range(start, end) if view[i] == ","), end]:
        is_number = (
            0 < position < end
            and text[offset + position] == ","
            and view[position - 1].isdigit()
            and view[position + 1].isdigit()
        )
        if not is_number:
            begin, stop = trim(view, at, position)
            if begin < stop:
                yield text[offset + begin : offset + stop]
            at = position + 1


def _quantities(view: str, start: int, end: int, text: str, offset: int) -> Iterator[Quantity]:
    written = text[offset + start : offset + end]
    # 提高至88，238个: only an ASCII comma groups the digits of a number.
    parted = "".join(
        mark if mark == "，" else folded
        for mark, folded in zip(written, view[start:end], strict=True)
    )
    for found in _QUANTITY.finditer(parted):
        yield Quantity(
            value=found["value"],
            unit="".join(found["unit"].split()),
            start=offset + start + found.start(),
            end=offset + start + found.end(),
        )
