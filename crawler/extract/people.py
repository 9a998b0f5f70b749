"""Names of the people who made an article: bylines, wire heads, editors' lines.

Called by ``crawler.extract.trim`` and ``crawler.extract.metadata``. Texts are matched on a view
with folded widths, so each pattern is written with half-width punctuation.
"""

import re
from dataclasses import dataclass

from crawler.extract.words import words
from storage.characters import HAN

_FOLD = str.maketrans("（）［］【】：，；｜丨／　\u00a0", "()[][]:,;||/  ")

# Outlet in front of the role: 本报, 新华社, 中青报·中青网, 人民网北京.
_OUTLET = (
    rf"(?:本报|本刊|本台|本网|本社|央视|总台|南都|《[^《》]{{2,14}}》"
    rf"|[{HAN}·+]{{1,14}}(?:报|网|社|台|刊|客户端|新闻|日报|频道))"
)
_ROLE_WORD = r"(?:(?:全媒体|文字|首席|摄影)?记者|通讯员|评论员|编辑|(?:特约)?撰稿人?|作者|撰文)"
_BYLINE = re.compile(
    rf"[\s□■●▲◆◎○⊙☐]*[(\[]?\s*(?P<role>(?P<outlet>{_OUTLET}(?:\s?{_OUTLET})?)?\s?"
    rf"(?P<qual>特约|见习|实习|驻[{HAN}]{{1,6}})?{_ROLE_WORD})(?P<gap>\s*[:/|]?\s*)"
    rf"(?P<names>[{HAN}·•\s、,/]{{2,60}}?)??(?:\s[{HAN}]{{0,8}}(?:摄影)?报道)?[)\]]?"
    r"\s*(?:(?:来源|文)\s*[:/|].{0,30})?\Z"
)
_WRITTEN_BY = re.compile(
    rf"[(\[]?\s*(?P<role>文|撰文|作者|采写|记者|采访|文字)\s*[:/|丨]\s*"
    rf"(?:{_OUTLET}?(?:特约|见习|实习|首席)?(?:记者|作者)\s+)?(?P<names>[{HAN}·•\s、,]{{2,40}})"
    r"[)\]]?\s*\Z"
)
_SECOND_ROLE = re.compile(r"(?<=\S)\s+(?:通讯员|实习生|见习记者|摄影)\s*[:/|]?\s*")
_LABELLED = re.compile(
    rf"(?:(?<![{HAN}])|本文|文章)(?P<role>作者|记者|撰稿|撰文|采写|文)\s*[:/]\s*"
    rf"(?P<names>[{HAN}·•]{{1,12}}(?:[\s、,]+[{HAN}·•]{{1,12}}(?![{HAN}]*\s*[:/])){{0,5}})"
)
# `新华社乌鲁木齐5月9日电(记者邹伟)`, `中国网5月13日讯(记者 ...)`, `光明日报北京1月3日电`.
_WIRE = re.compile(
    rf"\s*(?:新华社|中新社|中新网|人民网|央视网|中国网|新华网|光明网|中国新闻网|本报|[{HAN}]{{2,6}}(?:报|网|社))"
    rf"\s*[{HAN}]{{0,10}}?\s*(?:(?:\d{{4}}年)?\d{{1,2}}月)?\d{{1,2}}日\s*(?:电|讯|消息)\s*[,:]?\s*"
    rf"(?:题[^()]{{0,60}})?(?:\(\s*(?:(?:{_OUTLET})?(?P<label>记者|通讯员|特约记者|见习记者|实习记者)\s*[:]?)?"
    r"\s*(?P<names>[^()]{2,60}?)\s*\))?"
)
_WIRE_SECOND = re.compile(
    rf"\s*(?:新华社|新华网|人民网|中新社)记者\s*(?P<names>[{HAN}·\s、,]{{2,40}})\Z"
)

# At the end of a paragraph: `(文/图 刘示例)`, `(常示例 文/图)`, `(记者：张示例 通讯员：李示例)`.
_TAIL = re.compile(r"[(\[](?P<inner>[^()\[\]]{2,60})[)\]]\s*\Z")
_TAIL_LABEL = re.compile(
    rf"(?:(?:{_OUTLET})?(?:特约|见习|实习)?(?:全媒体)?(?:记者|通讯员)|实习生|作者|撰文|采写|摄影报道|摄影"
    rf"|文[/、]?图|图[/、]?文|(?<![{HAN}])[文图](?![{HAN}]))\s*[:/|]?"
)
# `(钟示例)`, `(常示例 马示例)` after a sentence: bare names, told from `(试行)` by the commonest
# family names, and from places by their last character.
_SENTENCE_END = ("。", "！", "？", "”", "…", ".")
_PLACE_ENDS = frozenset("省市县区镇乡村州岛")
_FAMILY_NAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘蒋蔡余于杜叶程魏苏"
    "吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵"
    "万覃武钱戴严莫孔向常汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞柳"
)

_EDITOR_LABEL = (
    r"(?:责任编辑|责任编审|责编|值班编辑|网络编辑|新媒体编辑|本期编辑|实习编辑|见习编辑|执行编辑|文字编辑|视频编辑"
    r"|图文编辑|编辑|主编|总编辑|值班主任|值班总监|审核|审校|校对|校审|编审|监制|总监制|统筹|策划|初审|复审|终审|一审|二审|三审"
    r"|签发|美编|美术编辑|排版|制作|编排|编校|编发|责校|版面编辑)"
)
_EDITORS_LINE = re.compile(
    rf"[(\[]?\s*(?:[^:()]{{0,10}}?来源\s*:\s*\S{{1,24}}\s+)?{_EDITOR_LABEL}\s*[:|丨/]"
    rf"[^。;!?]{{0,90}}\Z"
)
_EDITORS_SPACED = re.compile(rf"[(\[]\s*{_EDITOR_LABEL}\s+[{HAN}\s、,]{{2,30}}[)\]]\s*\Z")
_EDITORS_TAIL = re.compile(
    r"[(\[]\s*(?:责任编辑|责编|编辑|值班编辑)\s*[:|/]?[^()\[\]]{1,40}[)\]]\s*\Z"
)
_EDITORS_LENGTH = 120  # characters
_CLOSING = ")）]］】"
_EDITOR_PAIR = re.compile(
    rf"{_EDITOR_LABEL}\s*(?:[:|丨/]|(?=\s))\s*(?P<names>[{HAN}·•A-Za-z\s、,/]{{1,60}}?)"
    rf"(?=\s*(?:{_EDITOR_LABEL}\s*[:|丨/]|来源|作者|记者|[()\[\];_:|]|\d|\Z))"
)
# Words that follow a role word without being anybody's name.
_NOT_NAMES = frozenset(
    words(
        """
    万元 亿元 安全 白色 余下 全文 待续 未完 简介 推荐 调查 观察 手记 来信 按语 文章 部门 整合 编译
    撰写 采写 报道 图文 中心 单位 联系 专栏 团队 采访 获悉 协会
    工作 人员 提供 综合 整理 本报 本网 网络 未知 佚名 匿名 系统 管理 从业 寄语 点评
    发自 摄影 日报 不详 资料 见习 实习 现场 记者 编辑 作者 通讯员 责编 来源 新华社 人民网
    """
    )
)
# Role names a CMS shows in the author's place (aggregators, site back ends).
UPLOADERS = frozenset(
    words(
        """
    创始人 管理员 admin 站长 小编 网站编辑 编辑部 系统 系统管理员 佚名 本站 网络 匿名 未知
    超级管理员 administrator 采编
    """
    )
)
_OUTLET_ENDS = "网社报"  # 新华社, 观察者网: an outlet where a name could stand
_NAME = re.compile(rf"[{HAN}]{{2,4}}|[{HAN}]{{1,8}}(?:[·•][{HAN}]{{1,8}}){{1,3}}")
_LATIN_NAME = re.compile(r"[A-Z][\w.'-]+(?: [A-Z][\w.'-]+){0,3}")
_SPLIT = re.compile(r"[\s、,，/;；和]+|\s+and\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """A byline as written, its role (本报记者) and the people it names."""

    text: str
    role: str
    authors: tuple[str, ...]


def fold_width(text: str) -> str:
    """``text`` with half-width brackets and punctuation, equal in length."""
    return text if text.isascii() else text.translate(_FOLD)


def split_names(text: str) -> tuple[str, ...]:
    """Names in a list as newspapers write it; ``方  敏`` is one padded name (two characters)."""
    tokens = [token for token in _SPLIT.split(fold_width(text)) if token]
    names: list[str] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if len(token) == 1 and position + 1 < len(tokens) and len(tokens[position + 1]) == 1:
            token += tokens[position + 1]
            position += 1
        position += 1
        if is_name(token) and token not in names:
            names.append(token)
    return tuple(names)


def is_name(token: str) -> bool:
    """Whether ``token`` can be a person's Chinese name."""
    if token in _NOT_NAMES or token in UPLOADERS or (len(token) > 2 and token[-1] in _OUTLET_ENDS):
        return False
    return bool(_NAME.fullmatch(token))


def parse_byline(text: str) -> Byline | None:
    """The byline that a whole line is, or ``None``.

    A role word without an outlet (``编辑推荐``, ``记者调查``) needs a colon, slash or space before
    the names, or it begins an ordinary phrase.
    """
    if len(text) > 90:
        return None
    folded = _SECOND_ROLE.sub(" ", fold_width(text))
    found = _BYLINE.match(folded)
    if found:
        given = found["names"] or ""
        names = split_names(given)
        if given.strip() and not names:
            return None
        if not found["outlet"] and not found["qual"] and (not names or not found["gap"]):
            return None
        if not names and found["outlet"] and not found["role"].endswith("评论员"):
            return None
        if _count_tokens(given) != len(names):
            return None
        return Byline(text=text, role="".join(found["role"].split()), authors=names)
    found = _WRITTEN_BY.match(folded)
    names = split_names(found["names"]) if found else ()
    if found and names and _count_tokens(found["names"]) == len(names):
        return Byline(text=text, role=found["role"], authors=names)
    return None


def _count_tokens(names: str) -> int:
    """How many people a list of names should give; more than were read means it is a sentence."""
    tokens = [token for token in _SPLIT.split(names) if token]
    singles = sum(len(token) == 1 for token in tokens)
    return len(tokens) - singles // 2


def find_labelled_authors(text: str) -> tuple[str, ...]:
    """Authors named in a header line such as ``来源：新华社 作者：张三 李四``."""
    for found in () if text.isascii() else _LABELLED.finditer(fold_width(text)):
        names = split_names(found["names"])
        if names:
            return names
    return ()


def find_wire_authors(text: str) -> tuple[str, ...]:
    """Reporters in the head of a wire story, ``()`` when there is none."""
    if text[:160].isascii():
        return ()
    found = _WIRE.match(fold_width(text[:160]))
    if found and found["names"]:
        given = found["names"]
        given = re.sub(rf"^(?:{_OUTLET})?{_ROLE_WORD}\s*", "", given)
        names = split_names(re.sub(r"(?:通讯员|记者|实习生)", " ", given))
        if found["label"] or _count_tokens(given) == len(names):
            return names
    second = _WIRE_SECOND.match(fold_width(text[:80]))
    return split_names(second["names"]) if second else ()


def find_tail_authors(text: str) -> tuple[str, ...]:
    """Authors in brackets at the end of a paragraph; the text keeps them."""
    found = _TAIL.search(fold_width(text[-80:]))
    if not found:
        return ()
    given = _TAIL_LABEL.sub(" ", found["inner"])
    names = split_names(given)
    if len(names) != _count_tokens(given):
        return ()
    if given != found["inner"]:
        return names
    before = text[: len(text) - len(found.group())].rstrip()
    known = all(
        name[0] in _FAMILY_NAMES and len(name) <= 3 and name[-1] not in _PLACE_ENDS
        for name in names
    )
    return names if known and before.endswith(_SENTENCE_END) else ()


def is_editors_line(text: str) -> bool:
    """Whether a whole line is an editors' credit (责任编辑：…)."""
    if len(text) > _EDITORS_LENGTH or text.isascii():
        return False
    folded = fold_width(text).strip()
    return bool(_EDITORS_LINE.match(folded) or _EDITORS_SPACED.match(folded))


def split_editors_tail(text: str) -> tuple[str, str] | None:
    """A paragraph that ends in a bracketed editors' credit, as (paragraph, credit)."""
    if text[-1:] not in _CLOSING:
        return None
    start = max(len(text) - _EDITORS_LENGTH, 0)
    found = _EDITORS_TAIL.search(fold_width(text[start:]))
    if not found or not start + found.start():
        return None
    start += found.start()
    return text[:start].rstrip(), text[start:]


def parse_editors(text: str) -> tuple[str, ...]:
    """All people named in an editors' credit, each once, in order."""
    names: list[str] = []
    if text.isascii():
        return ()
    for found in _EDITOR_PAIR.finditer(fold_width(text)):
        for name in split_names(found["names"]) or _LATIN_NAME.findall(found["names"]):
            if name not in names:
                names.append(name)
    return tuple(names)
