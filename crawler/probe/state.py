"""What is known of a portal's rules: whether a probe has seen them fit the real pages.

Asked by ``scrapy list --status`` and whoever decides whether to probe before a crawl.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.portal import Portal
from storage import Probe


@dataclass(frozen=True, slots=True)
class ProbeState:
    """``unprobed``: built from what others rely on, and never seen to fit; ``probe`` decided."""

    word: Literal["probed", "drifted", "from pages", "unprobed"]
    probe: Probe | None = None


def probe_state(portal: Portal, probes: Sequence[Probe]) -> ProbeState:
    """The state after the portal's probes, oldest first; those answered by this machine are none.

    The newest probe decides; one that failed before any passed leaves the portal unprobed.
    """
    real = [probe for probe in probes if probe.is_real and probe.portal == portal.name]
    if real and real[-1].is_passed:
        return ProbeState("probed", real[-1])
    if any(probe.is_passed for probe in real) or (real and portal.evidence == "page"):
        return ProbeState("drifted", real[-1])
    if portal.evidence == "page":
        return ProbeState("from pages")
    return ProbeState("unprobed", real[-1] if real else None)
