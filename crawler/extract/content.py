"""Main content against boilerplate: which lines of the page are the article.

Called by ``crawler.extract.article``. Every line has a worth: running text counts its characters,
links and labels count against. The container is the element whose lines are worth most together
(the maximum subtree, the tree form of maximum subsequence segmentation: Pasternack & Roth, WWW
2009), so no class name is needed; names only add to or take from it. All steps are linear in the
number of lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from crawler.extract.names import Strength, body_name, describe, noise_name
from crawler.extract.teasers import find_teasers
from crawler.extract.text import Line, PageLines, running_sums

_SENTENCE = re.compile(r"[，。；！？、…]|[,.;!?:](?=\s|$|[\"”’)])")
# Labels of the line under a headline; two of them, or one with a date, make it no sentence.
_HEAD_LINE = re.compile(
    r"(?:发布(?:时间|日期)|时间|日期|来源|稿源|作者|字[号体]|浏览(?:次数|量)?|责任编辑|编辑)\s*[:：]"
    r".*(?:(?:来源|稿源|作者|字[号体]|浏览(?:次数|量)?|时间)\s*[:：]|\d{4}\s*[-年./])"
    r"|\d{4}\s*[-年./].{4,24}(?:来源|稿源|作者)\s*[:：]"
)
_HEAD_LENGTH = 120
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_LATIN_WEIGHT = 0.4  # a Chinese character carries about as much as two and a half Latin letters
_SHORT = 10  # weighted characters under which a line is a label rather than a sentence
_LONG = 25  # over which a line is text even without punctuation
_LABEL_WORTH = -2.0
_LINK_WORTH = -10.0  # at most; a long teaser must not weigh more than a short one
_DROPPED_WORTH = -3.0  # a line of marked boilerplate beside the content
_LINK_LINE = 0.5  # share of link characters from which a line is a link
# Share of the page's worth an element needs to outweigh its name.
_EXCUSED: dict[Strength, float] = {"strong": 0.85, "frame": 0.6, "weak": 0.35}
_EXCUSED_WITH_TITLE = 0.02  # headline and any text together are hardly a share bar
_NAMED_BODY = 1.2  # factor for a container that names itself the body
_CORE = 0.6  # share of the container's worth that its core holds
_GIVE_UP = 25.0  # worth lost, walking out from the core, after which the article has ended
_SCATTERED = 0.5  # share of the best run's worth under which the best element is not the article
_IMAGE_WORTH = 30.0  # an image on a page without text (图解)


@dataclass(slots=True)
class Content:
    """The main content as a range of lines and what was taken out of it.

    ``dropped`` maps line numbers to the reason, ``marked`` those of the whole page that are
    boilerplate by name or shape; ``notes`` are the decisions in words.
    """

    container: Element
    first: int
    last: int  # one past the last line
    dropped: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    marked: dict[int, str] = field(default_factory=dict)

    def kept(self) -> list[int]:
        """Numbers of the lines that remain, in page order."""
        return [number for number in range(self.first, self.last) if number not in self.dropped]


def weigh(line: Line) -> float:
    """What a line says for or against its place being the main content."""
    if line.worth is None:
        line.worth = _weigh(line)
    return line.worth


def _weigh(line: Line) -> float:
    if not line.text:
        return 0.0
    length = weighted_length(line.text)
    if is_head_line(line.text):
        return _LABEL_WORTH
    if line.link_share >= _LINK_LINE:
        return max(_LINK_WORTH, -2.0 - length)
    if line.kind == "table":
        return length * (1 - 2 * line.link_share) * 0.5
    if length >= _LONG or (length >= _SHORT and _SENTENCE.search(line.text)):
        return length * (1 - 2 * line.link_share)
    return _LABEL_WORTH if line.kind != "paragraph" else _LABEL_WORTH / 2


def is_head_line(text: str) -> bool:
    """Whether a line is the one under a headline: time, source, author, counters."""
    if len(text) > _HEAD_LENGTH or "。" in text or not (":" in text or "：" in text):
        return False
    return _HEAD_LINE.search(text) is not None


def weighted_length(text: str) -> float:
    """Length of ``text`` with Latin letters, digits and spaces counted less.

    UTF-8 writes a Chinese character in three bytes and a Latin letter in one, which counts the
    wide ones without looking at each.
    """
    wide = (len(text.encode("utf-8", "replace")) - len(text)) / 2
    return wide + (len(text) - wide) * _LATIN_WEIGHT


def find_content(page: PageLines, title_line: int | None) -> Content | None:
    """The main content of a page, ``None`` when the page has no lines of any worth."""
    worth = [weigh(line) for line in page.lines]
    dropped = mark_boilerplate(page, worth, title_line)
    content = _best_range(page, worth, dropped)
    if content and sum(worth[n] for n in content.kept() if worth[n] > 0) >= _LONG:
        return content
    # Hardly a sentence: a 图解, or else a list of items or a poem.
    large = [line.image is not None and is_large_image(line.image) for line in page.lines]
    with_images = [
        _IMAGE_WORTH if is_large else value for is_large, value in zip(large, worth, strict=True)
    ]
    pictures = _best_range(page, with_images, dropped)
    if pictures and any(large[n] for n in pictures.kept()):
        return pictures
    plain = [len(line.text) * (1 - 2 * line.link_share) for line in page.lines]
    return _best_range(page, plain, dropped) or content


def find_in(page: PageLines, container: Element, removed: set[Element]) -> Content | None:
    """The lines of a container that a layout names, without the elements the layout drops."""
    if container not in page.ranges:
        return None
    first, last = page.ranges[container]
    worth = [weigh(line) for line in page.lines]
    inside = PageLines(
        page.lines,
        {
            element: span
            for element, span in page.ranges.items()
            if first <= span[0] and span[1] <= last and span != (first, last)
        },
    )
    dropped = mark_boilerplate(inside, worth, None)
    for element in removed:
        for number in range(*page.ranges.get(element, (0, 0))):
            dropped[number] = "the layout's drop rule"
    content = Content(
        container, first, last, notes=[f"container: {describe(container)}, by layout"]
    )
    content.marked = dropped
    content.dropped = {n: reason for n, reason in dropped.items() if first <= n < last}
    return content


def mark_boilerplate(page: PageLines, worth: list[float], title_line: int | None) -> dict[int, str]:
    """Lines inside elements that are hidden or named as boilerplate, with the reason.

    An element that holds much of the page's text is excused: scripts unhide whole articles, and
    ``sidebar-right`` on the page's wrapper says where the sidebar is.
    """
    positive = running_sums(max(value, 0.0) for value in worth)
    total = positive[-1] or 1.0
    marked: list[tuple[int, int, str]] = []
    open_from = len(page.lines)  # before this line nothing is marked yet
    for element, (first, last) in reversed(page.ranges.items()):  # parents before their children
        if last > open_from:
            continue  # inside a marked element
        reason = _boilerplate_reason(element)
        if reason is None:
            continue
        why, strength = reason
        share = (positive[last] - positive[first]) / total
        holds_title = title_line is not None and first <= title_line < last
        limit = _EXCUSED[strength]
        if holds_title:
            limit = _EXCUSED_WITH_TITLE if strength == "weak" else _EXCUSED["weak"]
        if share > limit:
            continue
        marked.append((first, last, why))
        open_from = first
    return cover(marked + find_teasers(page, worth, title_line))


def hidden_lines(page: PageLines) -> set[int]:
    """Lines inside elements that markup or inline style hides."""
    hidden = [(*span, "") for element, span in page.ranges.items() if _is_hidden(element)]
    return set(cover(hidden))


def is_hidden_line(line: Line) -> bool:
    """Whether markup or inline style hides the line."""
    return _is_hidden(line.owner) or any(map(_is_hidden, line.owner.iterancestors()))


def is_large_image(image: Element) -> bool:
    """Whether an image could be content: not an icon by its stated size, name or inline data."""
    for side in ("width", "height"):
        value = (image.get(side) or "").strip().removesuffix("px")
        if value.isdecimal() and int(value) < 100:
            return False
    described = f"{image_address(image)} {image.get('class') or ''} {image.get('alt') or ''}"
    return not _ICON.search(described)


def image_address(image: Element) -> str:
    """The address an image is loaded from; lazy loading keeps it beside a placeholder in src."""
    for attribute in _IMAGE_ATTRIBUTES:
        value = (image.get(attribute) or "").strip()
        if value and not value.startswith("data:"):
            return value
    return ""


_IMAGE_ATTRIBUTES = ("data-original", "data-src", "data-lazy-src", "data-echo", "original", "src")
_ICON = re.compile(
    r"(?<![a-z0-9])(?:logo|icons?|qr(?:code)?|ewm|share|avatar|spacer|blank|loading|weixin|wechat"
    r"|weibo|ads?|banner|btn|button|arrow|emoji|face|beian|gongan|1x1|pixel|dot)(?![a-z])"
    r"|二维码|^data:",
    re.IGNORECASE,
)


def _boilerplate_reason(element: Element) -> tuple[str, Strength] | None:
    if _is_hidden(element):
        return f"hidden element {describe(element)}", "weak"
    named = noise_name(element)
    if named is None:
        return None
    return f"boilerplate by name: {named[0]}", named[1]


def cover(marked: list[tuple[int, int, str]]) -> dict[int, str]:
    """Every line of the marked ranges with the reason of the outermost, in linear time."""
    covered: dict[int, str] = {}
    end = 0
    for first, last, why in sorted(marked, key=lambda mark: (mark[0], -mark[1])):
        for number in range(max(first, end), last):
            covered[number] = why
        end = max(end, last)
    return covered


def _is_hidden(element: Element) -> bool:
    if not element.keys():
        return False
    style = element.get("style")
    return (
        (style is not None and _HIDDEN_STYLE.search(style) is not None)
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
    )


def _best_range(page: PageLines, worth: list[float], dropped: dict[int, str]) -> Content | None:
    values = [
        min(value, _DROPPED_WORTH) if number in dropped else value
        for number, value in enumerate(worth)
    ]
    sums = running_sums(values)
    best: Element | None = None
    best_score = 0.0
    for element, (first, last) in page.ranges.items():  # children come before their parents
        score = sums[last] - sums[first]
        if score > 0 and body_name(element):
            score *= _NAMED_BODY
        if score > best_score:
            best, best_score = element, score
    if best is None:
        return None
    segment = _best_segment(values)
    if best_score < segment[2] * _SCATTERED:
        return _take_segment(page, segment, dropped)
    first, last = page.ranges[best]
    core = _find_core(page, sums, best)
    content = Content(best, *_walk_out(values, page.ranges[core], (first, last)))
    content.notes.append(f"container: {describe(best)}, worth {best_score:.0f}")
    if core is not best:
        content.notes.append(f"core: {describe(core)}")
    content.marked = dropped
    content.dropped = {
        n: reason for n, reason in dropped.items() if content.first <= n < content.last
    }
    return content


def _best_segment(values: list[float]) -> tuple[int, int, float]:
    """The run of lines worth most together, and its worth (maximum subsequence segmentation)."""
    best = (0, 0, 0.0)
    start, running = 0, 0.0
    for number, value in enumerate(values):
        running += value
        if running <= 0:
            start, running = number + 1, 0.0
        elif running > best[2]:
            best = (start, number + 1, running)
    return best


def _take_segment(
    page: PageLines, segment: tuple[int, int, float], dropped: dict[int, str]
) -> Content:
    """A run of lines as content where no element holds it: text and frame in one layout table."""
    first, last, worth = segment
    container = page.lines[first].owner
    size = len(page.lines) + 1
    for element, (start, end) in page.ranges.items():
        if start <= first and last <= end and end - start < size:
            container, size = element, end - start
    content = Content(container, first, last)
    content.notes.append(f"run of lines in {describe(container)}, worth {worth:.0f}")
    content.marked = dropped
    content.dropped = {n: reason for n, reason in dropped.items() if first <= n < last}
    return content


def _find_core(page: PageLines, sums: Sequence[float], best: Element) -> Element:
    """The smallest element inside ``best`` that still holds most of its worth."""
    first, last = page.ranges[best]
    enough = (sums[last] - sums[first]) * _CORE
    core, size = best, last - first
    for element, (start, end) in page.ranges.items():
        inside = first <= start and end <= last
        if inside and end - start < size and end - start > 1 and sums[end] - sums[start] >= enough:
            core, size = element, end - start
    return core


def _walk_out(
    values: list[float], core: tuple[int, int], bounds: tuple[int, int]
) -> tuple[int, int]:
    """Extend the core by neighbouring lines of worth, stopping where boilerplate begins.

    The container may reach from the site's head to its small print when both hold a sentence;
    the walk ends once the lines passed cost more than ``_GIVE_UP`` since the last gain.
    """
    first, last = core
    gain = best_gain = 0.0
    for number in range(core[0] - 1, bounds[0] - 1, -1):
        gain += values[number]
        if gain > best_gain:
            best_gain, first = gain, number
        elif gain < best_gain - _GIVE_UP:
            break
    gain = best_gain = 0.0
    for number in range(core[1], bounds[1]):
        gain += values[number]
        if gain > best_gain:
            best_gain, last = gain, number + 1
        elif gain < best_gain - _GIVE_UP:
            break
    return first, last
