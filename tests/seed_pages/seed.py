"""The founding article line by line, as it lies beside the checkout."""

from dataclasses import dataclass
from pathlib import Path

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed"
HEADING_LINES = (14, 26, 38)  # of seed.txt, as a person reads it; the other lines are paragraphs
BYLINE_LINE, FIRST_LINE = 6, 8
ORIGIN_START = "《 人民日报 》"
FULL_WIDTH = str.maketrans(",():;?!", "，（）：；？！")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The article's parts; ``body`` as (kind, text), ``teasers`` as (title, blurb), both cut."""

    title: str
    uploader: str
    time: str
    counter: str
    byline: str
    body: tuple[tuple[str, str], ...]
    origin: str
    related: str
    side: str
    teasers: tuple[tuple[str, str], ...]


def read_seed() -> Seed:
    """The article in ``SEED``; raises ``FileNotFoundError`` when the folder is not there."""
    lines = (SEED / "seed.txt").read_text("utf-8").splitlines()
    end = next(number for number, line in enumerate(lines) if line.startswith(ORIGIN_START))
    body = [
        ("heading" if number + 1 in HEADING_LINES else "paragraph", lines[number])
        for number in range(FIRST_LINE - 1, end)
        if lines[number]
    ]
    related, side, *noise = [line for line in lines[end + 1 :] if line]
    teasers = []
    for line in noise:
        title, dots, blurb = line.partition("... ")
        teasers.append((f"{title}...", blurb) if dots else (f"{line[:15]}...", line))
    return Seed(
        title=lines[0],
        uploader=lines[1],
        time=lines[2],
        counter=lines[3],
        byline=lines[BYLINE_LINE - 1],
        body=tuple(body),
        origin=lines[end],
        related=related,
        side=side,
        teasers=tuple(teasers),
    )


def widen(text: str) -> str:
    """``text`` with the punctuation Chinese pages have where the seed text was folded."""
    return text.translate(FULL_WIDTH)
