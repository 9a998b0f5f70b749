"""What varies from page to page, and one page in the making.

Every option is taken in turn, shuffled, so that a few dozen pages show them all in ever new
company. Used by ``text``, ``frame`` and ``page``.
"""

import random

from tests.seed_pages.seed import Seed, read_seed, widen

# The order of the parts, the theme and the markup; the article's parts; what surrounds it.
# An option that stands twice is drawn twice as often.
OPTIONS: dict[str, tuple[str, ...]] = {
    name: tuple(options.split())
    for name, options in {
        "order": "columns side_first below inside floated table_right table_left table_rows"
        " one_cell flat",
        "names": "telling pinyin neutral none list_theme excerpt_theme shop_theme",
        "carrier": "class id both",
        "quotes": "double double single unquoted",
        "depth": "0 1 2 4 9 25",
        "wrapper": "div section center font mixed",
        "elements": "div div html5",
        "source": "plain pretty one_line",
        "aspnet": "no no yes",
        "tag_case": "lower lower lower upper",
        "encoding": "utf-8 utf-8 gb18030 undeclared",
        "width": "half full full_title full_text",
        "entities": "none none quotes numeric",
        "shown": "plain plain plain by_script by_opacity",
        "document_title": "same underscore dashes hyphen site_first other_width",
        "metas": "none description og author json",
        "title": "h1 h2 h3 div p_strong h1_spans h1_tag h1_link font center",
        "info": "spans spans_apart line piped blocks paragraphs list cells breaks icons pairs",
        "labels": "none none plain publisher counted",
        "font_bar": "none letters print",
        "summary": "none none none labelled bare",
        "byline": "plain padded indented right outside",
        "origin": "print tight indented paper_num own_element right",
        "separation": "p div section br br_br br_emsp pairs bare unclosed spans rows boxed wechat",
        "headings": "h2 h3 h4 strong b centred font styled plain",
        "indent": "none ideographic nbsp emsp",
        "inline": "none lead split links comments editor mixed",
        "gaps": "none comments scripts styles empty ads spacers mixed",
        "crumb": "none chevrons list sentence",
        "nav": "list cells line today",
        "teasers": "li li_dated dl one_dl p cards linked_cards rows pictures br one_line articles",
        "links": "title blurb both",
        "side_head": "h3 strong div p h2_more",
        "boxes": "none latest ranking about login",
        "related": "heading paragraph head_and_body dl none_found",
        "copy": "none none style_before style_after hidden_before title narrow",
        "tail": "none share tags notice likes code",
        "pager": "none paragraphs list floats",
        "comments": "none none list paragraphs form",
        "foot": "short long cells",
    }.items()
}

# What a theme calls the parts of a page. The last three are themes turned to another use: the
# names say list, card or product where the article stands.
_ROLES = (
    *("page", "wrap", "main", "article", "title", "info", "uploader", "time", "hits", "body"),
    *("byline", "related", "side", "side_head", "list", "item", "nav", "crumb", "share", "pager"),
    *("comments", "foot"),
)
_NAMES = {
    "telling": "wrapper row main article article-title info author time hits content reporter"
    " related sidebar hot-title hot-list hot-item navbar breadcrumb share prev-next comments"
    " footer",
    "pinyin": "zong hang zuo wenzhang biaoti xinxi zuozhe shijian liulan neirong jizhe xiangguan"
    " you remen liebiao tiao daohang weizhi fenxiang shangxia pinglun dibu",
    "list_theme": "page-has-sidebar inner list-left article-list list-title item-meta item-1"
    " item-2 item-3 list-content item-4 article-bottom content-right article-top"
    " article-list-content article-item header-content position content-tools content-page"
    " content-says bottom-content",
    "excerpt_theme": "layout-sidebar-right box col-hot post-hot share-title post-line a1 a2 a3"
    " share-text a4 post-end widget-area post-title post-list entry-content top-area path"
    " post-tools post-near post-talk bottom-area",
    "shop_theme": "wrap-ad in print product-detail product-title product-info p1 p2 p3 editor p4"
    " product-more main-text text-title text-list text menu-content where text-bar text-near"
    " text-say foot-text",
}
_QUOTES = {"double": '"', "single": "'", "unquoted": ""}
_HTML5 = {"main": "main", "article": "article", "side": "aside", "nav": "nav", "foot": "footer"}
_CONTAINERS = frozenset(("page", "main", "article", "body", "related", "side", "list", "comments"))


def draw(number: int) -> dict[str, str]:
    """The option of every kind for page ``number``: each comes once in as many pages as it has."""
    drawn = {}
    for name, options in OPTIONS.items():
        order = list(options)
        random.Random(f"seed page {name} {number // len(order)}").shuffle(order)
        drawn[name] = order[number % len(order)]
    if drawn["order"] == "floated":
        drawn["boxes"] = "none"  # a theme floats its teasers in the text, not the login
    if drawn["shown"] != "plain":
        drawn["copy"] = "none"  # of two that are hidden, nobody could tell which will be shown
    return drawn


class Draft:
    """One page in the making: what was drawn for it, its names, the article in its widths."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.rng = random.Random(f"seed page {number}")
        self.drawn = draw(number)
        self.wide_title = self.drawn["width"] in ("full", "full_title")
        self.wide_text = self.drawn["width"] in ("full", "full_text")
        self.seed: Seed = read_seed()
        self.title = widen(self.seed.title) if self.wide_title else self.seed.title
        self.origin = widen(self.seed.origin) if self.wide_text else self.seed.origin
        self.body = [(kind, widen(t) if self.wide_text else t) for kind, t in self.seed.body]
        self._names = self._draw_names()

    @property
    def is_flat(self) -> bool:
        """Whether the parts of the page stand beside each other in no containers of their own."""
        return self.drawn["order"] in ("one_cell", "flat")

    def attributes(self, role: str) -> str:
        """Class, id or both for the element with this role; what repeats never has an id."""
        name = self._names.get(role)
        if name is None:
            return ""
        carrier = "class" if role in ("item", "wrap") else self.drawn["carrier"]
        quote = _QUOTES[self.drawn["quotes"]]
        kinds = ("class", "id") if carrier == "both" else (carrier,)
        return " " + " ".join(f"{kind}={quote}{name}{quote}" for kind in kinds)

    def element(self, role: str, content: str, tag: str = "div") -> str:
        """An element with the theme's names; on a flat page containers leave their content."""
        if self.is_flat and role in _CONTAINERS:
            return f"{content}<br>\n"
        if self.drawn["elements"] == "html5":
            tag = _HTML5.get(role, tag)
        return f"<{tag}{self.attributes(role)}>{content}</{tag}>\n"

    def _draw_names(self) -> dict[str, str]:
        scheme = self.drawn["names"]
        if scheme == "none":
            return {}
        if scheme == "neutral":
            return {
                role: f"{self.rng.choice('abcdmrw')}{self.rng.randint(1, 99)}" for role in _ROLES
            }
        return dict(zip(_ROLES, _NAMES[scheme].split(), strict=True))
