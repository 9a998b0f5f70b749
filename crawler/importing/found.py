"""One page to be imported: where it is, what it is, and how to get its bytes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from storage import Capture


class ImportFailed(Exception):
    """A file cannot be read; the message says which, where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page that was found; ``load`` reads its bytes when its turn has come.

    ``is_chosen`` is true for pages that a person saved: they are imported also when no portal
    has their host. ``where`` names file and offset for messages. ``same_as`` is the page whose
    bytes a revisit record says are still the same.
    """

    url: str
    captured_at: dt.datetime
    status: int
    where: str
    load: Callable[[], Capture]
    is_chosen: bool = False
    same_as: "Found | None" = None
