"""What every page family has: a host, an address scheme, templates, and pages made of them.

Subclassed in ``gov``, ``paper`` and ``juhe``; called by ``tests.site.newsroom``.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import ClassVar

from tests.site.record import SampleArticle

TEMPLATES = Path(__file__).parent.parent / "templates"
NOTICE = "本页是软件测试用的样例，人物、媒体、文件与数字均为虚构。"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArticle:
    """One line of a listing: the address it links to, which may be one that redirects."""

    path: str
    title: str
    posted_at: dt.datetime
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page is wanted: ``page`` counts from 1, ``visit`` is 0 when nothing may rotate."""

    article: SampleArticle
    page: int
    path: str
    template: str
    related: Sequence[ListedArticle]
    visit: int


class Family(ABC):
    """The pages of one portal.

    ``templates`` are its page templates, the first being in use at the start; ``layouts`` names
    the layout of the portal's rules that matches each, ``generic`` when none does.
    """

    host: ClassVar[str]
    scheme: ClassVar[str]
    portal: ClassVar[str]
    channel: ClassVar[str]
    encoding: ClassVar[str]  # of the bytes
    declared: ClassVar[str]  # what header and meta tag say
    templates: ClassVar[tuple[str, ...]]
    layouts: ClassVar[dict[str, str]]
    absent: ClassVar[tuple[str, ...]]

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.scheme}://{self.host}{path}"

    @abstractmethod
    def article_path(self, number: int, day: dt.date) -> str:
        """Path of the article with this serial number posted on ``day``."""

    @abstractmethod
    def moved_path(self, path: str) -> str:
        """Another path for the article at ``path``, still one of an article."""

    @abstractmethod
    def page_path(self, path: str, page: int) -> str:
        """Path of page ``page``, from 1, of the article at ``path``."""

    @abstractmethod
    def listing_path(self, page: int) -> str:
        """Path of listing page ``page``, from 1."""

    @abstractmethod
    def article_html(self, wanted: PageRequest) -> str:
        """The page of an article."""

    @abstractmethod
    def listing_html(self, listed: Sequence[ListedArticle], page: int, pages: int) -> str:
        """One page of the listing."""

    def absent_for(self, article: SampleArticle) -> tuple[str, ...]:
        """Strings of the page of ``article`` that are no part of its content."""
        return (NOTICE, *self.absent, *article.absent)


def fill(name: str, *, markup: dict[str, str] | None = None, **texts: object) -> str:
    """The template file ``name`` with escaped ``texts`` and ``markup`` as it is put in.

    Raises ``KeyError`` when the template wants something that is not given.
    """
    values = {key: escape(str(value)) for key, value in texts.items()}
    return _template(name).substitute(values | (markup or {}), notice=NOTICE)


@cache
def _template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.html").read_text("utf-8"))


def cut(text: str, length: int) -> str:
    """``text`` cut at ``length`` characters with three dots, as list pages cut titles."""
    return text if len(text) <= length else f"{text[:length]}..."
