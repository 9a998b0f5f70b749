"""Under which names the outlets of known hosts are credited as sources.

Called by ``storage.reprint_origin``: 来源：人民网 on a page names the article on people.com.cn.
"""

import re
from urllib.parse import urlsplit

# The host itself or any host below it; the longest one counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "paper.people.com.cn": ("人民日报",),
    "people.com.cn": ("人民网",),
    "peopleapp.com": ("人民日报客户端", "人民日报"),
    "news.cn": ("新华网", "新华社"),
    "xinhuanet.com": ("新华网", "新华社"),
    "epaper.gmw.cn": ("光明日报",),
    "gmw.cn": ("光明网",),
    "paper.ce.cn": ("经济日报",),
    "ce.cn": ("中国经济网",),
    "cctv.com": ("央视网", "央视新闻"),
    "cctv.cn": ("央视网", "央视新闻"),
    "china.com.cn": ("中国网",),
    "chinanews.com.cn": ("中国新闻网", "中新网", "中新社"),
    "cyol.com": ("中国青年报", "中青报"),
    "youth.cn": ("中国青年网",),
    "southcn.com": ("南方网", "南方日报"),
    "thepaper.cn": ("澎湃新闻",),
    "www.gov.cn": ("中国政府网", "中央政府门户网站"),
    "cac.gov.cn": ("国家互联网信息办公室", "国家网信办", "网信中国", "中国网信网"),
    "csrc.gov.cn": ("中国证券监督管理委员会", "中国证监会", "证监会"),
    "miit.gov.cn": ("工业和信息化部", "工信部"),
    "moe.gov.cn": ("教育部",),
    "mof.gov.cn": ("财政部",),
    "mofcom.gov.cn": ("商务部",),
    "most.gov.cn": ("科学技术部", "科技部"),
    "nda.gov.cn": ("国家数据局",),
    "ndrc.gov.cn": ("国家发展和改革委员会", "国家发展改革委", "国家发改委", "发展改革委"),
    "nhc.gov.cn": ("国家卫生健康委员会", "国家卫生健康委", "国家卫健委"),
    "pbc.gov.cn": ("中国人民银行", "人民银行"),
    "samr.gov.cn": ("国家市场监督管理总局", "市场监管总局"),
    "beijing.gov.cn": ("北京市人民政府", "首都之窗"),
    "gd.gov.cn": ("广东省人民政府",),
    "shanghai.gov.cn": ("上海市人民政府",),
}
_BETWEEN = re.compile(r"[\W_]+")
_ENDING = re.compile(
    r"(?:官方)?(?:微信)?(?:公众号|网站|官网|门户网站|客户端|微信|微博)\Z|(?<=社)\w{2,4}电\Z"
)


def outlet_names(url: str) -> frozenset[str]:
    """The names under which the outlet at an address is credited; empty for an unknown one."""
    labels = (urlsplit(url).hostname or "").split(".")
    for start in range(len(labels)):
        if names := _NAMES.get(".".join(labels[start:])):
            return frozenset(names)
    return frozenset()


def credited_names(source: str) -> frozenset[str]:
    """The outlets that a credit may name: 光明网-《光明日报》 names two."""
    parts = [part for part in _BETWEEN.split(source) if part]
    return frozenset(parts) | {_ENDING.sub("", part) for part in parts}
