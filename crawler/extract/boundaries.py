"""Where a content range stops being the article: related lists, comments, the next post.

Called by ``crawler.extract.trim`` with the numbers of the lines that are left; each rule gives
the line at which the article ends and the reason.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise, takewhile

from crawler.extract.content import weigh, weighted_length
from crawler.extract.dates import Moment, parse_moment
from crawler.extract.labels import (
    BOUNDARY,
    COMMENTS,
    EMPTY,
    FINAL,
    HEADER,
    NOTICE,
    REPLY,
    SITE,
    fold_label,
    is_cut,
)
from crawler.extract.teasers import TEASERS
from crawler.extract.text import Line, running_sums
from crawler.extract.title import title_key

LINK_LINE = 0.6  # share of link characters from which a line is a link
_LABEL = 60  # characters; a boundary label is a short line
_SITE_LABEL = 12
_TEASERS = 3  # teasers that must follow a boundary label
_WINDOW = 8  # lines after a label that are looked at
_EARLY = 0.3  # share of the text before a label under which the label stands inside the text
_LATE = 0.7  # share of the text after which the headline does not stand again
_AFTERMATH = 0.3  # share of the text that can stand below it all the same
_HEADLINE = 8  # letters; a shorter headline can be a phrase of the text
_REST = 0.15  # share of the text between a list and the next from which the article goes on
_PARAGRAPH, _PARAGRAPHS = 40.0, 3  # or so many lines of so much worth
_STAMP = 90  # characters; a line that stamps a post with its time is no longer
_STAMP_REST = 25.0  # weighted characters beside the time: a name, 发表于, 来自
_POSTS = 3  # stamped posts that make a page of posts rather than an article
_FIRST_STAMP = 3  # lines in which a stamp at the head of a post stands
_CLOSING = 50.0  # worth of the text before a stamp at a post's foot
_BULLETED = re.compile(r"[·•▪■●◆►>»]\s*\S")
_DATED_END = re.compile(
    r"[(\[（【]?\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[^()（）]{0,12}[)\]）】]?\s*\Z"
)
_TEASER_LENGTH = 70
_NOTICE_LENGTH = 200
_SEPARATOR = re.compile(r"[-=_*—~·.#\s]{3,}\Z")


def is_boundary(line: Line) -> bool:
    """Whether a line is a label over what is no longer the article."""
    return len(line.text) <= _LABEL and bool(BOUNDARY.match(fold_label(line.text)))


def is_teaser(line: Line) -> bool:
    """A line of a list of other articles: a link, a cut text, a bulleted and dated headline."""
    if line.link_share >= LINK_LINE or is_cut(line.text) or is_boundary(line):
        return True
    short = len(line.text) <= _TEASER_LENGTH and "。" not in line.text
    return short and bool(_BULLETED.match(line.text) and _DATED_END.search(line.text))


def _is_site_label(line: Line) -> bool:
    return len(line.text) <= _SITE_LABEL and bool(SITE.match(fold_label(line.text)))


def _is_listed(line: Line, number: int, dropped: Mapping[int, str]) -> bool:
    """Whether a line under a label belongs to its list; the next label begins another."""
    return not is_boundary(line) and (number in dropped or is_teaser(line))


def is_notice(line: Line) -> bool:
    """A sentence of a site's small print."""
    return bool(NOTICE.match(fold_label(line.text[:_NOTICE_LENGTH])))


def find_boundaries(
    lines: list[Line], first: int, last: int, dropped: Mapping[int, str]
) -> Iterator[tuple[int, int, str]]:
    """Ranges of lines to take out, with the reason; the last one reaches to ``last``.

    A body may have a heading 相关内容 of its own, hence the condition that teasers follow; it is
    met too when nothing but a line or two follows, or only lines already known as boilerplate.
    Labels that are ``dropped`` count as well, and so do the teasers that are: what stands under
    them may be left.
    """
    numbers = [
        n
        for n in range(first, last)
        if lines[n].text
        and (n not in dropped or dropped[n].startswith(TEASERS) or is_boundary(lines[n]))
    ]
    worth = [0.0 if n in dropped else max(weigh(lines[n]), 0.0) for n in numbers]
    passed = running_sums(worth)
    total = passed[-1] or 1.0
    inside = 0
    for position, number in enumerate(numbers):
        line = lines[number]
        if position < inside:
            continue
        if _is_site_label(line) and passed[position] >= total * _LATE:
            yield number, last, "what the site says of itself"
            return
        if not is_boundary(line):
            continue
        reason = f"the boundary label {line.text[:20]!r}"
        following = numbers[position + 1 : position + 1 + _WINDOW]
        if following and EMPTY.match(fold_label(lines[following[0]].text)):
            inside = position + 2
            yield number, following[0] + 1, f"empty list under {reason}"
        elif _others_follow(line, [lines[n] for n in following], [n in dropped for n in following]):
            inside = position + 1
            while inside < len(numbers) and _is_listed(
                lines[numbers[inside]], numbers[inside], dropped
            ):
                inside += 1
            early = passed[position] < total * _EARLY
            ahead = takewhile(lambda n: not is_boundary(lines[n]), numbers[inside:])
            prose = [w for w, _ in zip(worth[inside:], ahead, strict=False) if w > 0]
            goes_on = not FINAL.match(fold_label(line.text)) and (
                sum(prose) >= total * _REST or sum(w >= _PARAGRAPH for w in prose) >= _PARAGRAPHS
            )
            if not (early or goes_on) or passed[-1] == passed[inside]:
                yield number, last, f"after {reason}"
                return
            yield number, numbers[inside - 1] + 1, f"list under {reason}"


def _others_follow(label: Line, following: list[Line], known: list[bool]) -> bool:
    """Whether what follows a label is no longer the article; ``known`` marks known teasers."""
    # Comments are running text: known by their stamps and controls, not by links.
    if COMMENTS.match(fold_label(label.text)) and any(
        _stamp_of(line) or (len(line.text) <= _STAMP and REPLY.search(line.text))
        for line in following
    ):
        return True
    teasers = [
        is_known or is_teaser(n) or is_notice(n)
        for n, is_known in zip(following, known, strict=True)
    ]
    if sum(teasers) >= min(_TEASERS, len(following)):
        return True
    # nothing but a control or two; a list of plain items is the text's own
    return len(following) < _TEASERS and all(weigh(line) <= 0 for line in following)


def find_headline_again(lines: list[Line], numbers: list[int], title: str) -> int | None:
    """The line under the text that repeats the headline: a share box, data for machines."""
    key = title_key(title)
    worth = [max(weigh(lines[n]), 0.0) for n in numbers]
    passed, total = 0.0, sum(worth)
    if len(key) < _HEADLINE or not total:
        return None
    for number, value in zip(numbers, worth, strict=True):
        if passed >= total * _LATE and title_key(lines[number].text) == key:
            rest = total - passed - value  # an annex with its own headline goes on
            return number if rest < total * _AFTERMATH else None
        passed += value
    return None


def find_next_post(lines: list[Line], numbers: list[int]) -> int | None:
    """Where the second post of a page of posts begins, as a position in ``numbers``.

    A blog's page shows its latest posts, newest first; a forum's shows the replies under the
    article. Each post is stamped with its time. The article is the first post. A minuted
    conference (发布会实录) has stamps as well: all of one day, without reply controls.
    """
    stamps = [p for p, number in enumerate(numbers) if _stamp_of(lines[number])]
    if len(stamps) < _POSTS:
        return None
    headed = sum(lines[numbers[p - 1]].level is not None for p in stamps if p)
    controls = sum(bool(HEADER.match(fold_label(lines[n].text[:_STAMP]))) for n in numbers)
    if not _are_posts([lines[numbers[p]] for p in stamps], max(headed, controls)):
        return None
    before = sum(max(weigh(lines[n]), 0.0) for n in numbers[: stamps[0]])
    closing = before >= _CLOSING or stamps[0] > _FIRST_STAMP  # each stamp closes a post
    end, start = (stamps[0], 0) if closing else (stamps[1], stamps[0])
    while end > start + 1 and _opens_post(lines[numbers[end - 1]]):
        end -= 1
    return end


def _are_posts(stamped: list[Line], marks: int) -> bool:
    """``marks`` counts what a chronicle does not have: headlines over the stamps, controls."""
    # an office's answers to the public are stamped 回复 as well; a forum shows more than that
    forum = sum(bool(REPLY.search(line.text.replace("回复", ""))) for line in stamped)
    if forum >= len(stamped) * 0.5:
        return True
    if marks < len(stamped) * 0.5:
        return False
    days = [moment.at.date() for moment in map(_stamp_of, stamped) if moment]
    return len(set(days)) >= _POSTS and all(a >= b for a, b in pairwise(days))


def _stamp_of(line: Line) -> Moment | None:
    """The time a line states when it says hardly anything else."""
    if len(line.text) > _STAMP or line.kind == "table":
        return None
    moment = parse_moment(line.text)
    if moment is None or moment.precision == "day":
        return None
    rest = re.sub(r"[\d\s:：年月日时分秒./|-]+", "", line.text)
    return moment if weighted_length(rest) <= _STAMP_REST else None


def _opens_post(line: Line) -> bool:
    """A headline, a separator or a control between two posts."""
    return bool(_SEPARATOR.match(line.text)) or weigh(line) <= 0 or line.level is not None
