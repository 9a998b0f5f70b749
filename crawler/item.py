"""What a spider hands to the pipeline for each visit."""

from dataclasses import dataclass

from storage import AbsenceKind, Article, Capture
from storage.record import CaptureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedPage:
    """One visit: its captures (hops and pages in order) and what was read, or why nothing was.

    ``url`` is the address asked for. Without captures nothing came back at all. ``absence`` says
    how the page was missing, ``is_refused`` that the portal would not show it or was not asked to.
    ``kind`` is what was asked for.
    """

    url: str
    captures: tuple[Capture, ...]
    article: Article | None = None
    failure: str | None = None
    absence: AbsenceKind | None = None
    is_refused: bool = False
    kind: CaptureKind = "article"
