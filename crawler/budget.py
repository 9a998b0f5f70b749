"""How many requests a run may send; shared by all portals of an update.

Counted by ``crawler.middlewares.budget``, asked by ``crawler.spider``.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """``limit`` requests; ``None`` for as many as there are."""

    limit: int | None = None
    sent: int = 0

    @property
    def is_for_articles(self) -> bool:
        """Whether the rest is for articles: a bound must not let a long listing take it all."""
        return self.limit is not None and 2 * self.sent >= self.limit

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be sent."""
        return self.limit is not None and self.sent >= self.limit
