"""What an update did, as records, as lines for a person and as JSON for the archive's row."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from storage import Lease

State = Literal["updated", "busy", "not probed", "not now", "not begun"]


@dataclass(slots=True, kw_only=True)
class PortalResult:
    """One portal's part of an update; ``counts`` are those of its crawl."""

    portal: str
    state: State = "not begun"
    said: str | None = None  # why it was not updated
    outcome: str | None = None
    counts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)  # of its health, as records

    @property
    def needs_person(self) -> bool:
        """Whether someone should look; what failed and is tried again wants nobody."""
        return bool(self.problems or self.warnings)


@dataclass(slots=True, kw_only=True)
class UpdateResult:
    """All portals of an update, and what concerns all of them."""

    portals: list[PortalResult]
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requests: int = 0
    ended: str | None = None  # why it ended before everything due was done

    @property
    def is_busy(self) -> bool:
        """Whether other processes work on every portal that was asked for."""
        return bool(self.portals) and all(portal.state == "busy" for portal in self.portals)

    @property
    def needs_person(self) -> bool:
        """Whether someone should look."""
        return bool(self.problems) or any(portal.needs_person for portal in self.portals)

    def as_record(self) -> dict[str, Any]:
        """All of it in plain types."""
        return asdict(self)


def busy_text(lease: Lease) -> str:
    """Who works on a portal."""
    return f"process {lease.process} on {lease.node} works on it since {lease.taken_at:%F %T} UTC"


def summary_lines(result: UpdateResult) -> Iterator[str]:
    """One line a portal, then what a person should look at, then what may be known."""
    for portal in result.portals:
        if portal.state != "updated":
            yield f"{portal.portal}: {portal.state}" + (f": {portal.said}" if portal.said else "")
        else:
            yield f"{portal.portal}: {_counts(portal.counts)}{_ending(portal)}"
            yield f"  {_backlog(portal.counts)}"
        for problem in portal.problems:
            yield f"  look: {problem}"
        for warning in portal.warnings:
            yield f"  look: {warning['kind']}: {warning['text']}"
            yield from _evidence(warning)
        for failure in portal.counts.get("failures", ())[:5]:
            yield f"  failed: {failure}"
        for note in portal.notes:
            yield f"  note: {note}"
    for problem in result.problems:
        yield f"look: {problem}"
    for note in result.notes:
        yield f"note: {note}"


def _evidence(warning: dict[str, Any]) -> Iterator[str]:
    """The pages that show what a warning says."""
    label = "last new article" if warning["kind"] == "dried up" else "last that fitted"
    for name, page in ((label, warning["fitted"]), ("first that did not", warning["unfit"])):
        if page:
            capture = f", capture {page['capture_id']}" if page["capture_id"] else ""
            yield f"    {name}: {page['url']} ({page['captured_at']}{capture})"


def _counts(counts: dict[str, Any]) -> str:
    names = ("listed", "new", "changed", "unchanged")
    rarer = ("suspect", "missing", "gone", "returned", "failed")
    words = [f"{counts.get(name, 0)} {name}" for name in names]
    words += [f"{counts[name]} {name}" for name in rarer if counts.get(name)]
    return ", ".join(words)


def _ending(portal: PortalResult) -> str:
    return "" if portal.outcome in ("finished", None) else f" ({portal.outcome})"


def _backlog(counts: dict[str, Any]) -> str:
    waiting, days = counts.get("backlog"), counts.get("backlog_days")
    if waiting is None:
        return "backlog unknown"
    if not waiting:
        return "nothing is due"
    return f"backlog: {waiting} due, the latest for {days:.1f} days"
