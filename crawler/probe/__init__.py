"""Probe a portal: fetch a little of it, and say check by check whether its rules still fit."""

from crawler.probe.checks import Check, check_portal, probe_record
from crawler.probe.seen import Seen, SeenPage, find_seen
from crawler.probe.spider import ProbeSpider
from crawler.probe.state import ProbeState, probe_state

__all__ = [
    "Check",
    "ProbeSpider",
    "ProbeState",
    "Seen",
    "SeenPage",
    "check_portal",
    "find_seen",
    "probe_record",
    "probe_state",
]
