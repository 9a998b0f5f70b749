"""What a spider hands to the pipeline for each visit."""

from dataclasses import dataclass

from storage import Article, Capture
from storage.record import CaptureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedPage:
    """One visit: its captures (hops and pages in order) and what was read, or why nothing was.

    ``url`` is the address asked for. Without captures nothing came back at all. ``kind`` is what
    was asked for.
    """

    url: str
    captures: tuple[Capture, ...]
    article: Article | None = None
    failure: str | None = None
    kind: CaptureKind = "article"
