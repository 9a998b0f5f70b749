"""One mutated page read under a time limit.

Called by the tests and by ``python -m tests.mutations``.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Literal

from crawler.extract import ExtractionError, extract
from tests.mutations.pages import Base
from tests.mutations.wellformed import faults_of

MOST_SECONDS = 5.0  # of CPU time for one page; longer is a hang


class TookTooLong(BaseException):
    """A page was not read in time; no ``Exception``, so that nothing on the way swallows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a page; ``faults`` is empty unless something must be mended."""

    state: Literal["read", "refused", "failed"]
    seconds: float
    faults: tuple[str, ...] = ()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise ``TookTooLong`` after so much CPU time, unless the time passes inside of C code."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong(f"not done after {seconds} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read_within(
    body: bytes, base: Base, content_type: str | None, seconds: float = MOST_SECONDS
) -> Outcome:
    """Read the page: an article that is well-formed, or an ``ExtractionError``, in time."""
    started = time.process_time()
    try:
        with time_limit(seconds):
            article = extract(body, url=base.url, content_type=content_type, portal=base.portal)
            faults = tuple(faults_of(article))
        state: Literal["read", "refused", "failed"] = "failed" if faults else "read"
    except ExtractionError as error:
        state = "refused"
        faults = () if base.url in str(error) else (f"the reason names no address: {error}",)
    except (Exception, TookTooLong) as error:  # that is what is looked for
        state, faults = "failed", (f"{type(error).__name__}: {str(error)[:300]}",)
    taken = time.process_time() - started
    if taken > seconds and not faults:
        state, faults = "failed", (f"took {taken:.1f} s of CPU time",)
    return Outcome(state=state, seconds=taken, faults=faults)
