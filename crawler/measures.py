"""What a crawl measures of the pages it reads: the figures that tell a redesign or a slow portal.

``crawler.report`` keeps them; ``storage.health`` compares them with those of earlier runs.
"""

from dataclasses import dataclass, field
from statistics import median

from storage import Added, Article


@dataclass(slots=True)
class Measures:
    """Lengths and seconds as they come; only their medians are kept.

    *Fresh* are pages that showed something new: a first version, an edit, a reading by other
    rules. A page seen as it was before tells nothing of what the portal serves today: a visit to
    old articles that never fitted a layout is no redesign.
    """

    text_lengths: list[int] = field(default_factory=list)
    response_seconds: list[float] = field(default_factory=list)  # of articles
    fresh_lengths: list[int] = field(default_factory=list)
    fresh_generic: int = 0
    fresh_without_date: int = 0
    fresh_without_source: int = 0

    def add_page(self, article: Article, added: Added) -> None:
        """Measure an article that was read, and whether it told something new."""
        length = len(article.text)
        self.text_lengths.append(length)
        if added.is_new_reading:  # a suspect counts when a second visit has confirmed it
            self.fresh_lengths.append(length)
            self.fresh_generic += article.layout == "generic"
            self.fresh_without_date += article.posted_at is None
            self.fresh_without_source += article.source is None

    def counts(self) -> dict[str, object]:
        """What the crawl row keeps; a median of nothing is ``None``."""
        return {
            "text_length": _median(self.text_lengths),
            "response_seconds": _median(self.response_seconds),
            "response_seconds_p95": _percentile(self.response_seconds, 95),
            "fresh": {
                "pages": len(self.fresh_lengths),
                "generic": self.fresh_generic,
                "without_date": self.fresh_without_date,
                "without_source": self.fresh_without_source,
                "text_length": _median(self.fresh_lengths),
            },
        }


def _median(values: list[int] | list[float]) -> float | None:
    return round(median(values), 3) if values else None


def _percentile(values: list[float], percent: int) -> float | None:
    """The smallest value that so many per cent do not exceed (nearest rank)."""
    if not values:
        return None
    rank = -(-len(values) * percent // 100)
    return round(sorted(values)[rank - 1], 3)
