"""When an update gives the alarm: for what the run before did not say already.

An hourly job would otherwise send the same mail every hour until somebody has mended it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crawler.alert import new_warnings, send_alert
from crawler.update.summary import UpdateResult
from storage import Archive, ArchiveError, clock

Record = Mapping[str, Any]


def alert(
    command: str, archive: Archive, result: UpdateResult, summary: Sequence[str]
) -> str | None:
    """Tell the operator's command what is new; what went wrong with that, if anything did."""
    try:
        before = archive.last_update()
    except ArchiveError:  # the archive may be what is wrong
        before = None
    now = list(_warnings(result.as_record()))
    new = new_warnings(now, list(_warnings(before.counts)) if before else [])
    if not new:
        return None
    return send_alert(
        command,
        {
            "archive": archive.address,
            "at": clock.now().isoformat(timespec="seconds"),
            "exit_status": 1,
            "new": new,
            "warnings": now,
            "summary": "\n".join(summary),
            "portals": {portal.portal: portal.counts for portal in result.portals},
        },
    )


def _warnings(result: Record) -> Iterator[dict[str, Any]]:
    """Warnings and problems of all portals, each with its portal and kind.

    The kind of a problem is its text up to the first figure or address: the rest changes.
    """
    for portal in result.get("portals", ()):
        yield from portal.get("warnings", ())
        for text in portal.get("problems", ()):
            yield {"portal": portal["portal"], "kind": _kind(text), "text": text}
    for text in result.get("problems", ()):
        yield {"portal": None, "kind": _kind(text), "text": text}


def _kind(text: str) -> str:
    return " ".join(word for word in text.split() if not any(c.isdigit() for c in word))[:80]
