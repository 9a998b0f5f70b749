"""All parts put together to one page.

Called by ``test_seed``.
"""

import re
from dataclasses import dataclass
from html import escape

from tests.seed_pages import frame, text
from tests.seed_pages.draft import Draft

_SITE = "样例资讯网"
_CHARSETS = {"utf-8": "utf-8", "gb18030": "gb2312"}  # as declared
_HIDDEN = {
    "style_before": 'style="display:none"',
    "style_after": 'style="display: none;"',
    "hidden_before": "hidden",
    "title": 'style="visibility:hidden;height:0"',
    "narrow": 'class="visible-xs mobile"',
}

_UNHIDDEN = {  # by a script, once the page has loaded
    "by_script": 'style="display: none;" id="js-show"',
    "by_opacity": 'style="visibility: hidden; opacity: 0;"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedPage:
    """A page, what was drawn for it and which parts of the article are in full width."""

    number: int
    html: str
    drawn: dict[str, str]
    encoding: str
    wide_title: bool
    wide_text: bool

    @property
    def bytes(self) -> bytes:
        """The page as a server sends it."""
        return self.html.encode(self.encoding)


def compose_page(number: int) -> SeedPage:
    """The page of this number, from 0."""
    draft = Draft(number)
    content = _ordered(draft)
    if draft.drawn["aspnet"] == "yes":
        content = f'<form id="form1" method="post" action="./show.aspx">{content}</form>'
    encoding = draft.drawn["encoding"]
    charset = _CHARSETS.get(encoding)
    declared = f'<meta charset="{charset}">' if charset else ""
    head = f"<head>{declared}{_head(draft)}</head>"
    html = f"<!DOCTYPE html>\n<html>{head}\n<body>{content}</body></html>"
    if draft.drawn["source"] == "one_line":
        html = html.replace("\n", "")
    elif draft.drawn["source"] == "pretty":
        html = re.sub(r"(<(?:p|div|li|td|h[1-4])\b[^<>]*>)", r"\n\t\t\1\n\t\t\t", html)
    if draft.drawn["tag_case"] == "upper":
        html = re.sub(r"</?[a-z]\w*", lambda found: found.group().upper(), html)
    return SeedPage(
        number=number,
        html=html,
        drawn=draft.drawn,
        encoding="gb18030" if encoding == "gb18030" else "utf-8",
        wide_title=draft.wide_title,
        wide_text=draft.wide_text,
    )


def _head(draft: Draft) -> str:
    other = draft.seed.title if draft.wide_title else draft.title
    title = {
        "same": draft.title,
        "underscore": f"{draft.title}_资讯_{_SITE}",
        "dashes": f"{draft.title} - {_SITE}",
        "hyphen": f"{draft.title}-{_SITE}",
        "site_first": f"{_SITE} - {draft.title}",
        "other_width": f"{other}_{_SITE}",
    }[draft.drawn["document_title"]]
    first = escape(draft.body[0][1][:80])
    day, time = draft.seed.time.split()
    metas = {
        "none": "",
        "description": f'<meta name="description" content="{first}...">',
        "og": f'<meta property="og:title" content="{escape(draft.title)}">'
        f'<meta property="og:description" content="{first}">',
        "author": f'<meta name="author" content="{_SITE}"><meta name="keywords" content="样例">',
        "json": '<script type="application/ld+json">{"@type":"NewsArticle",'
        f'"datePublished":"{day}T{time}+08:00"}}</script>',
    }[draft.drawn["metas"]]
    style = "<style>.hide{display:none} body{font:14px 宋体}</style>"
    return f"<title>{escape(title)}</title>{metas}{style}"


def _ordered(draft: Draft) -> str:
    """The body of the page, its parts in the order drawn."""
    order = draft.drawn["order"]
    crumb, related, side = frame.crumb(draft), frame.related(draft), frame.side(draft)
    head, tail = text.headline(draft) + text.info(draft), frame.tail(draft)
    comments, (before, after) = frame.comments(draft), _copies(draft)
    inside = draft.element("body", (side if order == "floated" else "") + text.body(draft))
    if draft.drawn["shown"] != "plain":
        inside = f"<div {_UNHIDDEN[draft.drawn['shown']]}>{inside}</div>"
    parts = head + inside + tail + (related + side if order == "inside" else "")
    tag = "article" if draft.rng.random() < 0.2 else "div"
    article = _wrapped(draft, before + draft.element("article", parts, tag) + after)
    main = draft.element("main", crumb + article + related + comments)
    match order:
        case "columns":
            middle = main + side
        case "side_first":
            middle = side + main
        case "below":
            middle = draft.element("main", crumb + article + related + side + comments)
        case "table_right":
            middle = f"<table><tr><td>{main}</td><td width=300>{side}</td></tr></table>"
        case "table_left":
            middle = f"<table><tr><td width=300>{side}</td><td>{main}</td></tr></table>"
        case "table_rows":
            cells = (crumb, head, before + inside + after, tail, related, side, comments)
            rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in cells if cell)
            middle = f"<table width='960'><tbody>{rows}</tbody></table>"
        case "one_cell":
            middle = f"<table><tr><td>{crumb}{article}{related}{side}{comments}</td></tr></table>"
        case "flat":
            middle = crumb + article + related + side + comments
        case "floated":
            middle = main
        case _:
            middle = draft.element("main", crumb + article + comments)
    return draft.element("page", frame.nav(draft) + middle + frame.foot(draft))


def _wrapped(draft: Draft, content: str) -> str:
    """``content`` inside as many wrappers as were drawn."""
    kind = draft.drawn["wrapper"]
    for _ in range(0 if draft.is_flat else int(draft.drawn["depth"])):
        tag = draft.rng.choice(("div", "section", "main")) if kind == "mixed" else kind
        content = f"<{tag}{draft.attributes('wrap')}>{content}</{tag}>"
    return content


def _copies(draft: Draft) -> tuple[str, str]:
    """A second copy of headline and text for narrow screens: before and after the article."""
    kind = draft.drawn["copy"]
    if kind == "none":
        return "", ""
    copy = f"<h1>{escape(draft.title)}</h1>"
    if kind != "title":
        copy += f"<p>{draft.seed.time}</p>"
        copy += "".join(f"<p>{escape(line)}</p>" for _, line in draft.body)
    copy = f"<div {_HIDDEN[kind]}>{copy}</div>"
    return ("", copy) if kind in ("style_after", "narrow") else (copy, "")
