"""Class and id names by which pages mark boilerplate and article bodies, as tables.

Used by ``crawler.extract.content``. Names are compared by their parts: ``g-share_box`` has the
parts ``g``, ``share``, ``box``; a part matches as a whole word unless the pattern is open-ended.
"""

import re
from functools import lru_cache
from typing import Literal

from lxml.etree import _Element as Element

# How much of the page's text an element needs to be excused: see ``crawler.extract.content``.
Strength = Literal["strong", "frame", "weak"]
_STRENGTHS: tuple[Strength, ...] = ("strong", "frame", "weak")
# Parts that mark boilerplate even when it is long: teasers, comments, the page's frame.
_STRONG_PARTS = (
    r"nav(?:bar|igation|path)?|breadcrumbs?|crumbs?|mbx|foot(?:er)?|menus?",
    r"relat(?:ed|e|es)\w*|relation\w*|relnews|recommend\w*|recommand\w*|recirc\w*|tuijian|xiangguan",
    r"xgyd|xgxw|xgwz|hot(?:news|list|words?)|ranking|ranklist|paihang|teasers?|outbrain|taboola",
    r"trending|mostread|mostpopular|upnext|readnext|prevnext|linklist|morearticles?|newsletter\w*",
    r"comments?\w*|pinglun|disqus\w*|replies|respond|liuyan|cookies?|consent|gdpr|friendlinks?",
    r"popup|modal|advert\w*|sponsor\w*|guanggao|paywall|login|signup|copyright\w*",
)
# Parts that can also name the column that has a sidebar or a banner beside it (`l-sidebar-fixed`).
_FRAME_PARTS = (r"side(?:bar|rail)|sidenav|banners?",)
# Parts that mark boilerplate unless much of the text stands inside.
_WEAK_PARTS = (
    r"bottom(?:info|bar)?|tool(?:s|box|bars?)?|topbar|masthead|skip|pager|pagination|paging|fanye",
    r"page(?:nav|bar|turn|num)|more(?:btn|links?)|gotop|backtop|hot(?:spot)?|rank|tj|popular",
    r"promos?|carousel|digest|latest|prev|next|siblings?|links|friendlink|topics?",
    r"share\w*|sharing|fenxiang|bdshare\w*|jiathis\w*|bshare\w*|addthis\w*|social\w*|sns|follow\w*",
    r"reply|responses|feedback|discuss(?:ion)?|likes?|dianzan|zan|praise|votes?|ratings?|digg|collect",
    r"subscri\w*|signin|regist\w*|qrcodes?|qr|ewm|erweima|wechat|weibo|downloads?|appdown",
    r"ads?|adv|adbox|adsense|adcell|gg|overlay|dialog|donat\w*|commercial|shopping|buy|product",
    r"banquan|disclaimer|mianze|shengming|statement|legal|liability|zeren\w*|editors?|bianji",
    r"keywords?|tags?|taglist|print|fontsize|zihao|jubao|report",
    r"authorinfo|authorbox|authorbio|bio|profile|userinfo|credits?|byline|dateline",
    r"hidden|invisible|noprint|sr|screenreader|visuallyhidden|offscreen",
    r"player|videoplayer|audio\w*|weather|calendar|search\w*|sitemap|widgets?|infobox|hatnote|toc"
    r"|catlinks|navbox|metadata|references|reflist|editsection",
)
_PART_PATTERNS: tuple[tuple[Strength, re.Pattern[str]], ...] = (
    ("strong", re.compile("|".join(_STRONG_PARTS))),
    ("frame", re.compile("|".join(_FRAME_PARTS))),
    ("weak", re.compile("|".join(_WEAK_PARTS))),
)
# Names that say what state or neighbour an element has, not what it is.
_STATE = re.compile(r"(?:js|has|no|is|not)[-_]", re.IGNORECASE)
_STATE_PARTS = frozenset(
    ("with", "without", "non", "has", "enable", "enabled", "disable", "disabled")
)

# Containers of the CMS families of Chinese government and news sites (TRS WCM, UCAP, Hanweb, VSB,
# Founder), of schema.org and of common news templates; the value is what the match is worth as a
# factor on the score.
BODY_IDS = re.compile(
    r"(?:ucap-content|zoom|zoomcon|ozoom|artibody|article-?content|article-?body|article_content"
    r"|mainText|con_con|contentText|js_content|detailContent|articleText|endText|text_area"
    r"|p_content|rm_txt_zw|rwb_zw|vsb_content\w*|bodylabel|the_content|news_?content|mp-editor"
    r"|content_?body|cont_?body|newsText|story-?body|entry-?content|post-?content|artical)\Z",
    re.IGNORECASE,
)
BODY_CLASSES = re.compile(
    r"(?:trs_editor(?:_view)?|trs_ueditor|trs_paper_default|view_?content|v_news_content|art-?con"
    r"|article-?content|article_content|article-?body|article__?body|article-?text|u-mainText"
    r"|rm_txt_con|show_text|post_body|post-?content|entry-?content|story-?body|rich_media_content"
    r"|news_?content|detail-?content|article-?main|article_con|my_conboxzw|my_doccontent|pages_content"
    r"|content_?detail|news_txt|con_txt|articlebody|maintext|text_con|article-?detail|left_zw)\Z",
    re.IGNORECASE,
)
_PART_EDGE = re.compile(r"[^0-9a-zA-Z]+|(?<=[a-z])(?=[A-Z])")
_NOISE_TAGS = frozenset(("nav", "footer", "aside", "menu"))
_NOISE_ROLES = frozenset(
    [
        "navigation",
        "banner",
        "contentinfo",
        "complementary",
        "search",
        "dialog",
        "alertdialog",
        "menu",
        "menubar",
    ]
)
_NEVER = frozenset(("html", "body", "article", "main", "h1", "p", "tbody", "tr", "img"))
_NAMES_LENGTH = 300  # characters of class and id looked at; generated class lists can be endless


def noise_name(element: Element) -> tuple[str, Strength] | None:
    """What marks ``element`` as boilerplate and how strongly; ``None`` if nothing does."""
    if element.tag in _NEVER:
        return None
    if element.tag in _NOISE_TAGS:
        return f"<{element.tag!s}>", "strong"
    if not element.keys():
        return None
    role = element.get("role")
    if role in _NOISE_ROLES:
        return f"role={role!s}", "strong"
    if body_name(element):
        return None  # `trs_editor_view` is the text an editor wrote with the CMS's editor
    described = _described(element)
    return _judge_names(described) if described else None


@lru_cache(maxsize=8192)  # a page repeats its class names, and so do the pages of a site
def _judge_names(described: str) -> tuple[str, Strength] | None:
    found: dict[Strength, str] = {}
    for name in described.split():
        strength = _judge_name(name)
        if strength:
            found.setdefault(strength, name)
    strongest = min(found, key=_STRENGTHS.index, default=None)
    return (found[strongest], strongest) if strongest else None


@lru_cache(maxsize=8192)
def _judge_name(name: str) -> Strength | None:
    if _STATE.match(name):
        return None
    parts = [part.lower() for part in _PART_EDGE.split(name) if part]
    if not _STATE_PARTS.isdisjoint(parts):
        return None
    found = [strength for part in (*parts, "".join(parts)) if (strength := _judge_part(part))]
    return min(found, key=_STRENGTHS.index, default=None)


@lru_cache(maxsize=8192)
def _judge_part(part: str) -> Strength | None:
    return next((strength for strength, known in _PART_PATTERNS if known.fullmatch(part)), None)


def body_name(element: Element) -> str | None:
    """The id, class or property by which ``element`` says it is the article body."""
    found = _body_names(element.get("id") or "", element.get("class") or "")
    if found:
        return found
    if element.get("itemprop") == "articleBody":
        return "itemprop=articleBody"
    return str(element.tag) if element.tag in ("founder-content", "article") else None


@lru_cache(maxsize=8192)
def _body_names(identity: str, classes: str) -> str | None:
    if identity and BODY_IDS.match(identity):
        return f"#{identity}"
    for name in classes[:_NAMES_LENGTH].split():
        if BODY_CLASSES.match(name):
            return f".{name}"
    return None


def describe(element: Element) -> str:
    """An element as a person would write it in a selector, for explanations."""
    names = "".join(f".{name}" for name in str(element.get("class") or "").split()[:3])
    identity = f"#{element.get('id')}" if element.get("id") else ""
    return f"{element.tag!s}{identity}{names}"


def _described(element: Element) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:_NAMES_LENGTH].strip()
