"""Pages damaged in every way a network, a CMS or an editor damages them, and what must still hold.

Called by ``test_extract_mutations``; ``python -m tests.mutations`` runs any number of them.
"""

from tests.mutations.drill import Outcome, TookTooLong, read_within, time_limit
from tests.mutations.kinds import MUTATIONS
from tests.mutations.pages import Base, own_pages, shared_pages
from tests.mutations.pieces import ADDRESS_PARTS
from tests.mutations.recipe import MOST_BYTES, Recipe, recipe_of
from tests.mutations.sizes import SHAPES, compose_shape
from tests.mutations.wellformed import faults_of

__all__ = [
    "ADDRESS_PARTS",
    "MOST_BYTES",
    "MUTATIONS",
    "SHAPES",
    "Base",
    "Outcome",
    "Recipe",
    "TookTooLong",
    "compose_shape",
    "faults_of",
    "own_pages",
    "read_within",
    "recipe_of",
    "shared_pages",
    "time_limit",
]
