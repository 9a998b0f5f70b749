"""Articles in frames drawn for each page: order, names, markup, what stands around the text.

Called by ``quality_pages``.
"""

import datetime as dt
import random
from html import escape
from itertools import groupby

from tests.quality_pages import options
from tests.quality_pages.page import QualityPage, listed, make_page
from tests.site.families.family import ListedArticle, cut
from tests.site.families.teasers import Teaser, teasers
from tests.site.record import SampleArticle

FRAMED = 200


def framed_pages(articles: list[SampleArticle]) -> list[QualityPage]:
    """``FRAMED`` pages, each with an article of its own as far as there are any."""
    return [
        _Frame(number, articles[number % len(articles)], listed(articles, number)).page()
        for number in range(FRAMED)
    ]


class _Frame:
    """One page in the making; a class because every part draws from the same options."""

    def __init__(self, number: int, article: SampleArticle, others: list[ListedArticle]) -> None:
        self.number = number
        self.rng = random.Random(f"quality page {number}")
        self.article = article
        self.others = others
        self.noise: list[str] = []
        self.byline = self._draw_byline()
        self.order = self.rng.choice(options.ORDERS)
        names = options.NAMES[self.rng.choice(list(options.NAMES))].split()
        self.names = dict(zip(options.ROLES, names, strict=bool(names)))

    def page(self) -> QualityPage:
        """The page with everything drawn."""
        body = self._body()
        main = self._title() + self._info() + self._summary() + self._element("body", body)
        content = self._ordered(self._crumb() + main + self._tail(), self._side(), self._comments())
        nav, foot = self.rng.choice(options.NAVS), self.rng.choice(options.FOOTS)
        copy = self.rng.choice(options.COPIES).format(
            f"<h1>{escape(self.article.title)}</h1>{body}"
        )
        charset = self.rng.choice(options.CHARSETS)
        html = (
            f"<!DOCTYPE html><html><head><meta charset='{charset}'>{self._head()}</head><body>"
            f"{self._element('nav', nav)}{content}{copy}{self._element('foot', foot)}</body></html>"
        )
        self.noise += options.NOISE
        return make_page(
            f"framed {self.number} {self.order}",
            self.article,
            html.encode("gb18030" if charset == "gb2312" else charset),
            noise=self.noise,
            charset=charset,
            byline=self.byline,
        )

    def _attributes(self, role: str) -> str:
        return f' class="{self.names[role]}"' if role in self.names else ""

    def _element(self, role: str, content: str) -> str:
        if self.order == "flat" and role != "foot":
            return f"{content}<br>\n"
        return f"<div{self._attributes(role)}>{content}</div>\n"

    def _draw_byline(self) -> str | None:
        form, names = self.rng.choice(options.BYLINES), " ".join(self.article.authors)
        return form.format(names) if self.article.byline and names else None

    def _head(self) -> str:
        article = self.article
        title = self.rng.choice(options.DOCUMENT_TITLES).format(article.title, site=options.SITE)
        posted = article.posted_at
        if article.posted_precision != "second":  # a time of metadata would state the second
            posted = posted[: len("2024-05-06")]
        metas = self.rng.choice(options.METAS).format(
            title=escape(article.title),
            begins=escape(article.description[:80]),
            posted=posted,
            site=options.SITE,
        )
        return f"<title>{escape(title)}</title>{metas}<style>.x{{color:red}}</style>"

    def _title(self) -> str:
        title = escape(self.article.title)
        return self.rng.choice(options.TITLES).format(self._attributes("title"), title)

    def _info(self) -> str:
        posted = dt.datetime.fromisoformat(self.article.posted_at)
        clock = {"day": "", "minute": " %H:%M", "second": " %H:%M:%S"}
        hits = self.rng.choice(options.HITS).format(self.number)
        source = self.article.source
        return self.rng.choice(options.INFOS).format(
            self._attributes("info"),
            time=posted.strftime(f"%Y-%m-%d{clock[self.article.posted_precision]}"),
            source=f"来源：{source}" if source else escape(self.article.uploader or ""),
            hits=hits,
        )

    def _crumb(self) -> str:
        crumb = self.rng.choice(options.CRUMBS).format(escape(self.article.title))
        return self._element("crumb", crumb) if crumb else ""

    def _summary(self) -> str:
        """How the text begins, cut, as themes repeat the description above it."""
        return self.rng.choice(options.SUMMARIES).format(escape(cut(self.article.description, 40)))

    def _inline(self, text: str) -> str:
        """A paragraph's text with markup somewhere inside it."""
        at = self.rng.randrange(len(text))
        before, inside, after = (
            escape(part, quote=False) for part in (text[:at], text[at : at + 6], text[at + 6 :])
        )
        return before + self.rng.choice(options.INLINES).format(inside) + after

    def _body(self) -> str:
        separation = self.rng.choice(list(options.BLOCKS))
        if any(block["kind"] in ("table", "list_item") for block in self.article.blocks):
            separation = self.rng.choice(("p", "indented", "div", "font"))
        form, heading = options.BLOCKS[separation], self.rng.choice(options.HEADINGS)
        if separation == "rows":
            heading = form
        lines = [self.byline] if self.byline else []
        parts = [form.format(escape(line)) for line in lines]
        for kind, blocks in groupby(self.article.blocks, key=lambda block: block["kind"]):
            mark = self._inline if kind == "paragraph" else escape
            texts = [mark(block["text"]) for block in blocks]
            if kind == "list_item":
                parts.append(f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>")
            elif kind == "table":
                parts += map(_table, texts)
            elif kind == "caption":
                parts += [f'<p class="caption" align="center">{text}</p>' for text in texts]
            else:
                parts += [(heading if kind == "heading" else form).format(t) for t in texts]
        parts += [form.format(escape(line)) for line in self._closing()]
        text = "\n".join(parts)
        return f"<table><tbody>{text}</tbody></table>" if separation == "rows" else text

    def _closing(self) -> list[str]:
        """Origin line and editors' line; both are fields and no text."""
        article, lines = self.article, []
        if article.origin:
            lines.append(article.origin["raw"])
        if article.editors:
            form = self.rng.choice(("（责编：{}）", "责任编辑：{}", "【责任编辑：{}】"))
            lines.append(form.format("、".join(article.editors)))
        self.noise += lines
        self.noise += [self.byline] if self.byline else []
        return lines

    def _tail(self) -> str:
        self.noise += [f"上一篇：{self.others[0].title}", f"下一篇：{self.others[1].title}"]
        return self.rng.choice(options.TAILS).format(
            share=self._attributes("share"),
            previous=escape(self.others[0].title),
            next=escape(self.others[1].title),
        )

    def _side(self) -> str:
        """Other articles under a label, linked, cut or with blurbs."""
        label = self.rng.choice(options.LABELS)
        around, form = options.TEASERS[self.rng.choice(list(options.TEASERS))].split("|", 1)
        shown = [Teaser(title=item.title, blurb=item.description) for item in self.others]
        shown += teasers(self.number, 6)
        items = [
            form.format(
                path=f"/news/{number}.html",
                title=escape(teaser.title),
                short=escape(cut(teaser.title, 15)),
                blurb=escape(cut(teaser.blurb, 45)),
            )
            for number, teaser in enumerate(self.rng.sample(shown, len(shown)))
        ]
        self.noise += [label, *(cut(t.title, 12).rstrip(".") for t in shown)]
        self.noise += [cut(teaser.blurb, 45).rstrip(".") for teaser in shown]
        head = self.rng.choice(("<h3>{}</h3>", "<div><strong>{}</strong></div>", "<p>{}：</p>"))
        return self._element("side", head.format(label) + around.format("".join(items)))

    def _comments(self) -> str:
        if self.rng.random() < 0.6:
            return ""
        self.noise += [text for _, text in options.COMMENTS]
        items = "".join(
            f"<div><b>{who}</b> <em>2026-01-17 08:1{n}</em><p>{text}</p><span>回复</span></div>"
            for n, (who, text) in enumerate(options.COMMENTS)
        )
        return self._element("comments", f"<h3>网友评论</h3>{items}")

    def _ordered(self, main: str, side: str, comments: str) -> str:
        match self.order:
            case "side_first":
                inside = side + self._element("main", main + comments)
            case "inside":
                inside = self._element("main", main + side + comments)
            case "below":
                inside = self._element("main", main) + side + comments
            case "table_left":
                inside = f"<table><tr><td>{side}</td><td>{main}{comments}</td></tr></table>"
            case "table_right":
                inside = f"<table><tr><td>{main}{comments}</td><td>{side}</td></tr></table>"
            case "flat":
                inside = main + side + comments
            case _:
                inside = self._element("main", main + comments) + side
        return self._element("page", inside)


def _table(text: str) -> str:
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row.split(chr(9)))}</tr>"
        for row in text.split("\n")
    )
    return f'<table border="1">{rows}</table>'
