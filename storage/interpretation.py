"""What kind of interpretation an article is, by its channel, headline and address.

Used by ``storage.record``; the channel is known only once a listing has named it.
"""

import re
from typing import Literal

InterpretationType = Literal["official", "expert", "media", "图解", "答记者问", "发布会"]

# Tried in this order; the first that fits decides: (type, headline, address, channel).
_RULES: tuple[tuple[InterpretationType, str, str, str], ...] = (
    ("答记者问", r"答记者问|答.{0,6}记者", r"/djzw/", r"答记者问"),
    (
        "图解",
        r"\A图解|图解[:：《]|[(（]图解[)）]|一图读懂|一图看懂|一图速览|读图",
        r"/(?:tj|tujie)/",
        r"图解",
    ),
    ("发布会", r"发布会|吹风会|通气会", r"/(?:xwfbh|fbh)/", r"发布会|吹风会"),
    ("expert", r"专家解读|专家谈|专家观点|专家视角", r"/zjjd/", r"专家"),
    ("media", r"媒体解读", r"/mtjd/", r"媒体"),
    ("official", r"官方解读", r"/(?:zcjd|zhengcejiedu)/", r"解读"),
)
_COMPILED = tuple(
    (kind, re.compile(headline), re.compile(url), re.compile(channel))
    for kind, headline, url, channel in _RULES
)


def interpretation_type(
    *,
    title: str | None,
    column_tag: str | None,
    channel: str | None,
    url: str,
    is_graphic: bool,
    is_print: bool,
) -> InterpretationType | None:
    """The type, ``None`` when nothing states one; a newspaper's own 政策解读 is a media one."""
    headline = f"{title or ''} {column_tag or ''}"
    for kind, in_title, in_url, in_channel in _COMPILED:
        if (
            in_title.search(headline)
            or in_url.search(url)
            or (channel is not None and in_channel.search(channel))
        ):
            return "media" if kind == "official" and is_print else kind
        if kind == "图解" and is_graphic:
            return kind
    return "media" if is_print and "解读" in headline else None
