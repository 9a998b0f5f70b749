"""Invented teasers for the aggregator's sidebar: new ones for every visit.

They name what an entity finder looks for; none of it may reach an article. Called by ``juhe``.
"""

from dataclasses import dataclass

REGIONS = (
    "山东东营", "云南昆明", "吉林长春", "北京朝阳区", "浙江舟山", "陕西榆林", "湖南湘潭",
    "甘肃天水", "江西上饶", "广东湛江", "海南儋州",
)  # fmt: skip
PERSONS = ("庹雁翎", "佘砚秋", "禤鹤鸣", "亓望舒", "仉晚亭", "逯听雪", "郗南圃")
AGENCIES = (
    "市文化和旅游局", "市市场监督管理局", "市人力资源和社会保障局", "市科学技术局", "中级人民法院",
)  # fmt: skip
WORKS = (
    "《逐浪者的仲夏》", "《关于扶持糖画手艺人的若干措施》", "《柚城晚报》",
    "《夜间集市错峰经营管理办法》", "《二十四格抽屉》", "《老街修缮三年行动方案（2026—2028年）》",
)  # fmt: skip
_FORMS = (
    (
        "{region}出台{count}条举措支持夜间经济发展",
        "1月{day}日，{region}举行新闻发布会，正式发布{work}，{agency}负责人{person}介绍了有关情况，"
        "并就群众关心的问题回答了记者提问，现场气氛热烈。",
    ),
    (
        "{person}律师简介 专注于婚姻家事领域十余年",
        "一、我是谁 {person}律师，现任{region}一家事务所主任，{count}年来办理案件众多，曾获{agency}"
        "表彰，著有{work}等，服务区域覆盖多个省份。",
    ),
    (
        "爆笑开年！{work}预售开启全国路演",
        "今日，由{person}执导的{work}正式开启预售，主创将到{region}等{count}座城市路演，"
        "为观众提前揭开故事的神秘面纱，敬请期待更多精彩内容。",
    ),
    (
        "{region}一司机归还乘客遗失的{count}万元现金",
        "新闻荐读 近日，{region}的司机{person}向记者反映，其于1月{day}日凌晨载客时捡到一只背包，"
        "随后联系{agency}找到了失主，事情被{work}报道。",
    ),
    (
        "原创           {person}：我为什么离开大城市",
        "据{work}报道，2025年{month}月{day}日，市民{person}花{count}800元租下{region}的一座小院，"
        "没想到{agency}随后上门提醒，这件事引发了热议。",
    ),
    (
        "{region}{agency}联合多部门开展调解",
        "1月{day}日，在{region}，{agency}与多家单位联合开展调解工作，{person}等{count}名调解员参加，"
        "并现场解读{work}，化解纠纷多起，获得好评。",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """A line of the sidebar, before it is cut."""

    title: str
    blurb: str


def teasers(visit: int, count: int = 10) -> list[Teaser]:
    """The teasers of one visit; another visit has others."""
    return [_teaser(visit * count + number) for number in range(count)]


def _teaser(number: int) -> Teaser:
    title, blurb = _FORMS[number % len(_FORMS)]
    values = {
        "region": REGIONS[number * 3 % len(REGIONS)],
        "person": PERSONS[number * 5 % len(PERSONS)],
        "agency": AGENCIES[number * 2 % len(AGENCIES)],
        "work": WORKS[number * 7 // 3 % len(WORKS)],
        "count": 2 + number % 97,
        "day": 1 + number % 28,
        "month": 1 + number % 12,
    }
    return Teaser(title=title.format(**values), blurb=blurb.format(**values))
