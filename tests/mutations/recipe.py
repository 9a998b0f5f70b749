"""How a mutated page is made: a base page and the mutations applied to it, in order.

Called by ``drill`` and the tests. The same recipe gives the same bytes on every machine.
"""

import random
from dataclasses import dataclass

from tests.mutations.kinds import MUTATIONS
from tests.mutations.pages import Base, own_pages, shared_pages

MOST_BYTES = 400_000  # a page grown beyond that is cut there
_CONTENT_TYPES = (
    *("text/html", "text/html; charset=gb2312", "text/html; charset=utf-8", "text/html;charset="),
    *("application/octet-stream", "text/html; charset=utf-16", '; charset="none"', ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """``steps`` are kinds of mutation, each with the number its chance begins with."""

    base: Base
    steps: tuple[tuple[str, int], ...]

    @property
    def body(self) -> bytes:
        """The mutated page."""
        body = self.base.body
        for kind, number in self.steps:
            body = MUTATIONS[kind](body, random.Random(f"{kind} {number}"))[:MOST_BYTES]
        return body

    @property
    def content_type(self) -> str | None:
        """The page's own, or one that is wrong."""
        rng = random.Random(f"type {self.steps}")
        return rng.choice(_CONTENT_TYPES) if rng.random() < 0.3 else self.base.content_type

    def __str__(self) -> str:
        return " ".join((self.base.name, *(f"{kind}:{number}" for kind, number in self.steps)))


def recipe_of(number: int) -> Recipe:
    """The recipe of this number: kinds in turn, then by chance; of a real page every third time."""
    rng = random.Random(f"recipe {number}")
    bases = (number % 3 == 0 and shared_pages()) or own_pages()
    kinds = list(MUTATIONS)
    first = kinds[number % len(kinds)]
    more = rng.choices(kinds, k=rng.choice((0, 0, 1, 2, 3)))
    steps = tuple((kind, rng.randrange(10**6)) for kind in (first, *more))
    return Recipe(base=rng.choice(bases), steps=steps)
