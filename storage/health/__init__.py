"""Whether a portal's crawls still bring what they always brought, judged by its own history."""

from storage.health.reading import crawled_portals, read_health
from storage.health.record import Evidence, Health, HealthWarning, RunMeasures

__all__ = [
    "Evidence",
    "Health",
    "HealthWarning",
    "RunMeasures",
    "crawled_portals",
    "read_health",
]
