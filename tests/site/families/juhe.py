"""An aggregator: role name, second and hit counter under the title, other teasers on every visit.

Three templates; the portal's rules know the first two.
"""

import datetime as dt
import re
from collections.abc import Sequence
from html import escape

from tests.site.families.family import Family, ListedArticle, PageRequest, cut, fill
from tests.site.families.markup import Marks, body_html
from tests.site.families.paper import origin_text
from tests.site.families.teasers import PERSONS, WORKS, teasers
from tests.site.record import SampleArticle

MARKS = Marks(heading="<p>{}</p>", paragraph="<p>{}</p>")


class JuheFamily(Family):
    """Pages of juhe.samples.example, addressed by http."""

    host = "juhe.samples.example"
    scheme = "http"
    portal = "samples_juhe"
    channel = "资讯"
    encoding = "utf-8"
    declared = "utf-8"
    templates = ("a", "b", "c")
    layouts = {"a": "a", "b": "b", "c": "generic"}  # noqa: RUF012  ClassVar in Family
    absent = (
        "热门资讯",
        "每日聚合资讯",
        "声明：本站部分内容转自互联网",
        "下一页",
        *PERSONS,
        *WORKS,
    )

    def article_path(self, number: int, day: dt.date) -> str:
        return f"/news/{number}.html"

    def moved_path(self, path: str) -> str:
        return re.sub(r"/(\d+)\.html$", r"/9\1.html", path)

    def page_path(self, path: str, page: int) -> str:
        return path if page == 1 else path.replace(".html", f"_{page}.html")

    def listing_path(self, page: int) -> str:
        return f"/news/list_{page}.html"

    def article_html(self, wanted: PageRequest) -> str:
        article = wanted.article
        is_first, is_last = wanted.page == 1, wanted.page == article.page_count
        return fill(
            f"juhe_{wanted.template}",
            title=article.title,
            description=cut(article.description, 50),
            uploader=article.uploader or "",
            time=_visible_time(article),
            hits=wanted.visit,
            markup={
                "byline": _kicker(article) + _byline(article) if is_first else "",
                "body": body_html(article, wanted.page, MARKS),
                "origin": (_tail(article) if is_last else "") + _pager(wanted, self),
                "teasers": _teasers(wanted.visit),
            },
        )

    def listing_html(self, listed: Sequence[ListedArticle], page: int, pages: int) -> str:
        items = "\n".join(
            f'<li><a href="{item.path}" title="{escape(item.title)}">{escape(cut(item.title, 15))}'
            f"</a><span>{item.posted_at:%Y-%m-%d %H:%M:%S}</span>"
            f"<p>{escape(cut(item.description, 50))}</p></li>"
            for item in listed
        )
        links = " ".join(
            f'<a href="{self.listing_path(n)}">{n}</a>' if n != page else f"<b>{n}</b>"
            for n in range(1, pages + 1)
        )
        return fill("juhe_listing", markup={"items": items, "pages": links})

    def absent_for(self, article: SampleArticle) -> tuple[str, ...]:
        return (*super().absent_for(article), *_editors_text(article))


def _visible_time(article: SampleArticle) -> str:
    posted = dt.datetime.fromisoformat(article.posted_at)
    clock = {"day": "", "minute": " %H:%M", "second": " %H:%M:%S"}[article.posted_precision]
    return posted.strftime(f"%Y-%m-%d{clock}")


def _byline(article: SampleArticle) -> str:
    shown = article.show.byline or article.byline
    return f"<p>{escape(shown)}</p>" if shown else ""


def _kicker(article: SampleArticle) -> str:
    return f"<p>{escape(article.kicker)}</p>\n" if article.kicker else ""


def _tail(article: SampleArticle) -> str:
    lines = [origin_text(article, "(", ")")] if article.origin else []
    lines += [f"来源：{article.source}"] if article.source else []
    return "\n".join(f"<p>{escape(line)}</p>" for line in (*lines, *_editors_text(article)))


def _editors_text(article: SampleArticle) -> tuple[str, ...]:
    return (f"责任编辑：{' '.join(article.editors)}",) if article.editors else ()


def _pager(wanted: PageRequest, family: Family) -> str:
    count = wanted.article.page_count
    if count == 1:
        return ""
    links = [
        f"<b>{page}</b>"
        if page == wanted.page
        else f'<a href="{family.page_path(wanted.path, page)}">{page}</a>'
        for page in range(1, count + 1)
    ]
    if wanted.page < count:
        links.append(f'<a href="{family.page_path(wanted.path, wanted.page + 1)}">下一页</a>')
    return f'<div class="pages">{" ".join(links)}</div>'


def _teasers(visit: int) -> str:
    return "\n".join(
        f'<li><a href="/hot/{visit * 10 + number}.html" title="{escape(teaser.title)}">'
        f"{escape(cut(teaser.title, 15))}</a><p>{escape(cut(teaser.blurb, 50))}</p></li>"
        for number, teaser in enumerate(teasers(visit))
    )
