"""What a title in 《》 names: kinds of documents by their last word, media by theirs.

Tables and the functions that apply them, for ``documents`` and ``interprets``.
"""

import re

from crawler.extract.policy.view import fold
from crawler.extract.words import words
from storage.entities import TitleKind

# A title's type is the longest of these that it ends in; 管理办法 is an 办法, 指导意见 its own.
_DOC_TYPES = words(
    """
    指导意见 实施意见 意见 实施方案 行动方案 工作方案 总体方案 方案 行动计划 计划 规划纲要
    纲要 规划 实施细则 细则 实施办法 办法 条例 规定 决定 决议 通知 通告 通报 公告 公报 公约
    措施 指引 指南 标准 规范 规则 规程 准则 导则 大纲 要点 清单 目录 法典 宪法 法案 法 令
    批复 答复 复函 函 解释 报告 建议 政策 章程 制度 协定 协议 宣言 声明 白皮书 蓝皮书
    路线图 手册 要求 须知 说明 倡议 名录 名单 守则
    """
)
_TYPE = re.compile(rf"(?:{'|'.join(sorted(_DOC_TYPES, key=len, reverse=True))})\Z")
_LONGEST_TYPE = max(map(len, _DOC_TYPES))
# 试行, 2024年版, 征求意见稿, 2022-2035年, ... after the type
_TAIL = re.compile(
    r"\s*\((?:[^()]{0,6}试行|暂行|草案|[^()]{0,12}稿|[^()]{0,8}修[订正][^()]{0,6}|修正案草案|[^()]{0,16}(?:年|版|本)"
    r"|[\d年—\-~至、.\s]{4,16}|[^()]{0,6}号|[一二三四五六七八九十]{1,3})\)\s*\Z"
)
_MEDIUM = re.compile(
    r"(?:日报|晚报|晨报|早报|时报|周报|快报|商报|都市报|参考报|周刊|杂志|月刊|半月谈|导报|画报|学报|电讯|海外版|新闻网)\Z"
    r"|\A(?:求是|瞭望|半月谈|红旗文稿|光明网|人民论坛|中国青年报|[一-龥]{1,8}报|[一-龥]{0,4}(?:经济|朝日|每日|读卖|产经)新闻)\Z"
)
_NO_LAW = re.compile(r"(?:书|兵|方|魔|看|手|说|做|想|用|活|打|技|疗|司|执|守|普|刀|剑|心)法\Z")
_NOT_A_COMMAND = re.compile(r"(?:夏|冬|节|时|县|命|口|禁|月|指|号|酒|辞|勒|喝|司)令\Z")
_COMMAND = re.compile(r"令\s*第?\s*[\d一二三四五六七八九十百零〇]{1,7}\s*号\Z")
_MODIFIERS = re.compile(
    r"若干|管理|工作|实施|暂行|行动|试点|指导|总体|有关|相关|本|新|该|这一|这份|国家|部门|政策|年度|三年"
)


def document_type(title: str) -> str | None:
    """The type a document's title ends in, before 试行 and the like; ``None`` for other titles."""
    core = strip_tail(title)
    if _COMMAND.search(core):
        return "令"
    found = _TYPE.search(core[-_LONGEST_TYPE:])
    if not found or _NO_LAW.search(core) or _NOT_A_COMMAND.search(core):
        return None
    return found.group()


def strip_tail(title: str) -> str:
    """A title, folded, without its brackets of edition, trial and draft."""
    core = fold(title).strip()
    for _ in range(2):
        core = _TAIL.sub("", core)
    return core.rstrip('》〉"”’ ')


def title_kind(title: str) -> tuple[TitleKind, str | None]:
    """Kind and document type of a title that no short name explains."""
    core = fold(title).strip()
    if _MEDIUM.search(core) and not core.startswith("关于"):
        return "medium", None
    doc_type = document_type(title)
    return ("document", doc_type) if doc_type else ("work", None)


def is_generic(title: str) -> bool:
    """Whether a title is a bare type (《意见》, 《若干措施》) that names no document by itself."""
    core = strip_tail(title)
    doc_type = document_type(title) or ""
    return not _MODIFIERS.sub("", core[: len(core) - len(doc_type)]).strip()
