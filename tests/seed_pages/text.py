"""The article's own parts as markup: headline, line under it, byline, text, origin line.

Called by ``page``.
"""

import re
from html import escape

from tests.seed_pages.draft import OPTIONS, Draft

_KEYWORDS = ("城市", "数字化", "数据", "重庆", "创新")  # a CMS links its tags where they occur
_INDENTS = {"none": "", "ideographic": "　　", "nbsp": "&nbsp;" * 4, "emsp": "&emsp;&emsp;"}
_BREAKS = {"br": "<br>", "br_br": "<br/><br/>", "br_emsp": "<br>&emsp;&emsp;"}


def headline(draft: Draft) -> str:
    """The headline; unlike the document title it may be no heading at all."""
    text, names = escape(draft.title), draft.attributes("title")
    kind = draft.drawn["title"]
    tag = max(draft.title.find("("), draft.title.find("（"))
    match kind:
        case "h1" | "h2" | "h3":
            return f"<{kind}{names}>{text}</{kind}>"
        case "div":
            return f"<div{names}>{text}</div>"
        case "p_strong":
            return f"<p{names} align=center><strong>{text}</strong></p>"
        case "font":
            return f'<p align="center"><font size="5"><b>{text}</b></font></p>'
        case "center":
            return f"<center><h2{names}>　{text}　</h2></center>"
        case "h1_spans":
            return f"<h1{names}><span>{text[:6]}</span><span>{text[6:]}</span></h1>"
        case "h1_tag":
            return f"<h1{names}>{text[:tag]}<small>{text[tag:]}</small></h1>"
    return f'<h1{names}><a href="/news/123.html" title="{text}">{text}</a></h1>'


def info(draft: Draft) -> str:
    """Uploader, time and counter, perhaps with controls and the byline under them."""
    byline_outside = draft.drawn["byline"] == "outside"
    controls = {
        "none": "",
        "letters": "<div>字号：<a href='#'>大</a> <a href='#'>中</a> <a href='#'>小</a></div>",
        "print": "<p>【<a href='#'>打印</a>】【<a href='#'>关闭</a>】</p>",
    }[draft.drawn["font_bar"]]
    return (
        draft.element("info", _triple(draft))
        + controls
        + _summary(draft)
        + (byline(draft) if byline_outside else "")
    )


def _summary(draft: Draft) -> str:
    """How the text begins, cut, as themes repeat the meta description above it."""
    cut = escape(draft.body[0][1][:78], quote=False)
    return {
        "none": "",
        "labelled": f"<div><strong>摘要：</strong>{cut}...</div>",
        "bare": f"<blockquote>{cut}...</blockquote>",
    }[draft.drawn["summary"]]


def _triple(draft: Draft) -> str:
    seed, form = draft.seed, draft.drawn["info"]
    values = {
        "none": (seed.uploader, seed.time, seed.counter),
        "plain": (f"作者：{seed.uploader}", f"时间：{seed.time}", f"浏览：{seed.counter}"),
        "publisher": (f"发布者:{seed.uploader}", f"发布时间:{seed.time}", f"阅读({seed.counter})"),
        "counted": (f"作者: {seed.uploader}", f"时间: {seed.time}", f"{seed.counter}次浏览"),
    }[draft.drawn["labels"]]
    names = [draft.attributes(role) for role in ("uploader", "time", "hits")]
    tag = {"blocks": "div", "paragraphs": "p", "list": "li", "cells": "td"}.get(form, "span")
    named = [f"<{tag}{n}>{value}</{tag}>" for n, value in zip(names, values, strict=True)]
    match form:
        case "line":
            return draft.rng.choice((" ", "&nbsp;&nbsp;", "　")).join(values)
        case "breaks":
            return "<br>".join(values)
        case "pairs":
            plain = zip(("作者：", "时间：", "浏览："), values, strict=True)
            return "".join(f"<span>{n}</span><em>{re.sub('.*：', '', v)}</em> " for n, v in plain)
        case "spans_apart":
            return "\n".join(named)
        case "piped":
            return " | ".join(named)
        case "icons":
            return " ".join(f'<i class="icon"></i>{span}' for span in named)
        case "list":
            return f"<ul>{''.join(named)}</ul>"
        case "cells":
            return f"<table><tr>{''.join(named)}</tr></table>"
    return "".join(named)


def byline(draft: Draft) -> str:
    """The reporter's line."""
    text = draft.seed.byline
    return {
        "plain": f"<p>{text}</p>",
        "padded": f"<p>{text.replace(' ', '&nbsp;&nbsp;')}</p>",
        "indented": f"<p>　　{text.replace(' ', '　')}</p>",
        "right": f'<p style="text-align: right;">{text}</p>',
        "outside": f"<div{draft.attributes('byline')}>{text}</div>",
    }[draft.drawn["byline"]]


def origin(draft: Draft) -> str:
    """The line of the newspaper, in the spacings of different reprints."""
    text = draft.origin.replace("日 ", "日   ")
    return {
        "print": f"<p>{text}</p>",
        "tight": f"<p>{re.sub(r'(?<!日) ', '', draft.origin)}</p>",
        "indented": f"<p>　　{draft.origin}</p>",
        "paper_num": f'<p><span id="paper_num">　　{text}</span></p>',
        "own_element": f'<div id="paper_num">{text}</div>',
        "right": f'<p align="right">{draft.origin}</p>',
    }[draft.drawn["origin"]]


def body(draft: Draft) -> str:
    """Byline, text and origin line."""
    form = draft.drawn["separation"]
    indent = _INDENTS[draft.drawn["indent"]]
    blocks = [
        (kind, _heading(draft, text) if kind == "heading" else indent + _inline(draft, text))
        for kind, text in draft.body
    ]
    start = byline(draft) if draft.drawn["byline"] != "outside" else ""
    if form == "rows":
        rows = "".join(f"<tr><td>{html}</td></tr>\n" for _, html in blocks)
        return f"{start}<table><tbody>{rows}</tbody></table>{origin(draft)}"
    parts = [start]
    for position, (kind, html) in enumerate(blocks):
        is_block = kind == "heading" and html.startswith(("<h", "<p"))
        parts.append(html if is_block else _separated(form, html, position))
        parts.append(_gap(draft))
    return "\n".join((*parts, origin(draft)))


def _separated(form: str, html: str, position: int) -> str:
    """One block as the form drawn parts it from its neighbours."""
    match form:
        case "p" | "div" | "section":
            return f"<{form}>{html}</{form}>"
        case "br" | "br_br" | "br_emsp":
            return html + _BREAKS[form]
        case "pairs":  # two paragraphs to an element
            return f"<p>{html}<br />" if position % 2 == 0 else f"{html}</p>"
        case "bare":  # text that no element holds, beside elements
            return html if position % 2 else f"<p>{html}</p>"
        case "unclosed":
            return f"<p>{html}"
        case "spans":
            return f'<p><span style="font-size: 16px;"><font face="宋体">{html}</font></span></p>'
        case "boxed":
            return f"<div><div><p>{html}</p></div></div>"
    return f'<section style="margin: 8px;"><section><p><span>{html}</span></p></section></section>'


def _heading(draft: Draft, text: str) -> str:
    html = _encoded(draft, text)
    return {
        "h2": f"<h2>{html}</h2>",
        "h3": f"<h3>{html}</h3>",
        "h4": f"<h4>　　{html}</h4>",
        "strong": f"<strong>{html}</strong>",
        "b": f"<b>　　{html}</b>",
        "centred": f'<p style="text-align:center"><strong>{html}</strong></p>',
        "font": f'<font size="4"><b>{html}</b></font>',
        "styled": f'<span style="font-weight: bold;">{html}</span>',
        "plain": html,
    }[draft.drawn["headings"]]


def _inline(draft: Draft, text: str) -> str:
    """A paragraph's text with the markup drawn inside it."""
    kind = draft.drawn["inline"]
    if kind == "mixed":
        kind = draft.rng.choice(OPTIONS["inline"][:-1])
    match kind:
        case "lead":
            lead, stop, rest = text.partition("。")
            if stop and rest and len(lead) < 40:
                return f"<strong>{_encoded(draft, lead + stop)}</strong>{_encoded(draft, rest)}"
        case "split":
            return _split(draft, text)
        case "links":
            word = draft.rng.choice(_KEYWORDS)
            before, found, after = text.partition(word)
            link = f'<a href="/tag/{draft.rng.randint(1, 99)}.html" target="_blank">{word}</a>'
            return _encoded(draft, before) + (link if found else "") + _encoded(draft, after)
        case "comments":
            cut = draft.rng.randrange(len(text))
            before, after = _encoded(draft, text[:cut]), _encoded(draft, text[cut:])
            return f"{before}<!-- <p>旧稿</p> -->{after}"
        case "editor":
            html = _encoded(draft, text)
            return f'<span lang="EN-US" style="color:#333"><font>{html}</font></span>'
    return _encoded(draft, text)


def _split(draft: Draft, text: str) -> str:
    """Words broken over several inline elements, as editors and converters leave them."""
    cuts = sorted(draft.rng.sample(range(1, len(text)), 5))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    tags = [draft.rng.choice(("", "span", "font", "em", "strong", "u")) for _ in pieces]
    return "".join(
        f"<{tag}>{_encoded(draft, piece)}</{tag}>" if tag else _encoded(draft, piece)
        for tag, piece in zip(tags, pieces, strict=True)
    )


def _encoded(draft: Draft, text: str) -> str:
    html = escape(text, quote=False)
    if draft.drawn["entities"] == "quotes":
        return html.replace("“", "&ldquo;").replace("”", "&rdquo;")
    if draft.drawn["entities"] == "numeric":
        return re.sub("[^\x00-\xff]", lambda found: f"&#{ord(found.group())};", html)
    return html


def _gap(draft: Draft) -> str:
    """What may stand between two blocks and shows nothing."""
    kind = draft.drawn["gaps"]
    if kind == "mixed":
        kind = draft.rng.choice(OPTIONS["gaps"][:-1])
    if kind == "none" or draft.rng.random() < 0.5:
        return ""
    return {
        "comments": "<!-- 广告位 3 begin --><!-- <p>备用</p> -->",
        "scripts": "<script>document.write('<p>样例</p>');var n = 1 < 2;</script>",
        "styles": "<style>p{text-indent:2em}</style>",
        "empty": draft.rng.choice(("<p></p>", "<p>&nbsp;</p>", "<p><br></p>", "<div></div>")),
        "spacers": '<div><img src="/img/spacer.gif" width="1" height="8"></div>',
        "ads": '<div class="ad"><script src="/js/ad.js"></script><ins></ins></div>',
    }[kind]
