"""Lines that remain after trimming, as blocks of the record; unmarked headings and captions.

Called by ``crawler.extract.article``.
"""

import re

from crawler.extract.dates import parse_moment
from crawler.extract.text import Line
from crawler.extract.trim import Trimmed
from storage import Block, place_blocks

_HEADING_LENGTH = 30
_DATE_LENGTH = 24  # characters of a line that is a date and a time
_BOLD_HEADING_LENGTH = 50
_TERMINAL = re.compile(r"[。！？…!?；;，,、：:]\s*[”’\"』」)）]?\s*\Z|\.\s*\Z")
_NO_HEADING = re.compile(r"[—-]{2}|附件|[（(\[【]|\d+[.、)]?\Z|[•·●▪※*△▲◎]|注[:：]|图[:：]|https?:")
_CAPTION = re.compile(
    r"[▲△↑▼◎◆⊙↓]|(?:图为|图\d*[:：/]|图片[:：]|资料图|配图|制图|题图)|.*(?:摄|/图|供图|制图|截图|资料图|图片来源.{0,20}"
    r"|图源.{0,16}|视觉中国)[)）\]】。]?\Z"
    r"|.*\((?:image|photo|picture)s?(?: credit:| by|:) ?[^()]{1,60}\)\Z"
    r"|(?:photo|picture|image)s? (?:by|courtesy)\b"
    r"|.{0,60}/\s?(?:AFP|AP|Reuters|Getty|EPA)\b.{0,20}\Z",
    re.IGNORECASE,
)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_CAPTION_NAME = re.compile(
    r"caption|tuzhu|pic[_-]?(?:desc|text|info|note)|img[_-]?(?:desc|text|note)", re.I
)
_CAPTION_LENGTH = 160
_CENTRED_CAPTION_LENGTH = 60


def build_blocks(lines: list[Line], trimmed: Trimmed) -> tuple[Block, ...]:
    """Blocks in page order, placed; image lines are left out."""
    entries: list[tuple[Line, str, bool]] = []
    after_image = False
    for number in trimmed.numbers:
        line = lines[number]
        if line.image is not None:
            after_image = True
            continue
        entries.append((line, trimmed.texts.get(number, line.text), after_image))
        after_image = False
    short = [_could_be_heading(line, text) for line, text, _ in entries]
    blocks: list[Block] = []
    for position, (line, text, follows_image) in enumerate(entries):
        if not text:
            continue
        if _is_caption(line, text, follows_image):
            blocks.append(Block(kind="caption", text=text))
        elif (
            line.kind == "paragraph" and short[position] and _stands_alone(entries, short, position)
        ):
            blocks.append(Block(kind="heading", text=text))
        else:
            blocks.append(Block(kind=line.kind, text=text, level=line.level))
    return place_blocks(blocks)


def is_caption_line(line: Line, *, follows_image: bool) -> bool:
    """Whether a line is the visible caption of the image before it."""
    return _is_caption(line, line.text, follows_image)


def _is_caption(line: Line, text: str, follows_image: bool) -> bool:
    if line.kind == "caption" or _CAPTION_NAME.search(line.owner.get("class") or ""):
        return True
    if not follows_image or line.kind != "paragraph":
        return False
    if len(text) <= _CAPTION_LENGTH and _CAPTION.match(text):
        return True
    centred = _CENTRED.search(line.owner.get("style") or "") or line.owner.get("align") == "center"
    return bool(centred and not line.bold and len(text) <= _CENTRED_CAPTION_LENGTH)


def _could_be_heading(line: Line, text: str) -> bool:
    """Short and without final punctuation: a heading the page does not mark up (or a list)."""
    if line.kind != "paragraph" or len(text) < 2 or _TERMINAL.search(text):
        return False
    if _NO_HEADING.match(text) or _is_date(text):
        return False
    return len(text) <= (_BOLD_HEADING_LENGTH if line.bold else _HEADING_LENGTH)


def _is_date(text: str) -> bool:
    return len(text) <= _DATE_LENGTH and parse_moment(text) is not None


def _stands_alone(entries: list[tuple[Line, str, bool]], short: list[bool], position: int) -> bool:
    """A heading has a paragraph after it, and no other short line beside it unless bold."""
    # a signature and its date, `国家发展改革委 / 2024年5月14日`, close the text
    if position + 1 >= len(entries) or _is_date(entries[position + 1][1]):
        return False
    if entries[position][0].bold:
        return True
    after = short[position + 1] and not entries[position + 1][0].bold
    before = position > 0 and short[position - 1] and not entries[position - 1][0].bold
    return not after and not before and entries[position + 1][0].kind != "caption"
