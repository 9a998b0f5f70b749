"""How far the text reaches around its paragraphs: signature, annexes, lists of names, tables.

Called by ``crawler.extract.article`` after the content is found. Such lines are no sentences and
weigh nothing, so the content found by worth can end before them.
"""

import re

from crawler.extract.content import Content, is_head_line
from crawler.extract.labels import BOUNDARY, HEADER, NOISE, NOTICE, SIGNED, SITE, fold_label
from crawler.extract.text import Line, PageLines

_LINK_LINE = 0.5  # share of link characters from which a line leads away
_LABEL = 60  # characters of a label or control
_NOTICE_LENGTH = 200
_FILE = re.compile(r"附件|《|\.(?:pdf|docx?|xlsx?|wps|ofd|pptx?|zip|rar)\b", re.IGNORECASE)
_FILES = re.compile(r"(?:相关)?附件(?:下载|列表)?\s*[:：]?\Z")
_CREDIT = re.compile(
    r"(?:编辑|责编|编审|审核|校对|作者|标签|关键词|浏览|阅读|点击)(?:次数|量|数)?\s*[:：丨]"
)
# What opens an official text: the note under its title (题注), its number, whom it addresses.
_OPENING = re.compile(
    r"\([^()]*\)\Z|.{1,20}[〔\[(]\d{4}[〕\])]第?\d+号\Z|各.{2,80}:\Z|第[一二三四五六七八九十百]+[章节条].*\Z"
)


def extend(page: PageLines, content: Content, title_line: int | None) -> None:
    """Take in the plain lines directly around the content, within the elements that hold it.

    It stops at the first line that is no text (a link, a label over other articles, a control, a
    notice, marked boilerplate) and does not leave the element that holds the headline.
    """
    element = content.container
    while element in page.ranges:
        first, last = page.ranges[element]
        reached = content.last
        while content.last < last and _is_plain(page, content.last, content):
            content.last += 1
        if content.last < last:  # the label of the list of files at which it stopped
            while content.last > reached and _FILES.match(page.lines[content.last - 1].text):
                content.last -= 1
        holds_title = title_line is not None and first <= title_line < last
        if title_line is not None and title_line < content.first:
            floor = max(first, title_line + 1)
            while content.first > floor and _opens(page, content.first - 1, content):
                content.first -= 1
        parent = element.getparent()
        if content.last < last or holds_title or parent is None or parent.tag == "html":
            break
        element = parent
    content.dropped = {
        n: reason for n, reason in content.marked.items() if content.first <= n < content.last
    }


def _is_plain(page: PageLines, number: int, content: Content) -> bool:
    return number not in content.marked and not _leads_away(page.lines[number])


def _opens(page: PageLines, number: int, content: Content) -> bool:
    line = page.lines[number]
    return number not in content.marked and (
        not line.text or bool(_OPENING.match(fold_label(line.text)))
    )


def _leads_away(line: Line) -> bool:
    if not line.text or (line.kind == "table" and line.link_share < _LINK_LINE):
        return False
    if line.link_share >= _LINK_LINE or (line.links and len(line.text) <= _LABEL):
        # an editor types a file's name into the text as a paragraph; a CMS appends a list of files
        return line.owner.tag != "p" or not _FILE.search(line.text)
    if is_head_line(line.text) or _CREDIT.search(line.text):
        return True
    label = fold_label(line.text[: 2 * _NOTICE_LENGTH])
    if len(label) <= _LABEL and (
        BOUNDARY.match(label) or HEADER.match(label) or SITE.match(label) or SIGNED.match(line.text)
    ):
        return True
    return len(label) <= _NOTICE_LENGTH and bool(NOISE.match(label) or NOTICE.match(label))
