"""Random pages around the founding article, each number the same page every time.

The article is third-party text and is read from beside the checkout; the page around it is ours.
Called by ``test_seed``.
"""

from tests.seed_pages.draft import OPTIONS, draw
from tests.seed_pages.page import SeedPage, compose_page
from tests.seed_pages.seed import SEED, Seed, read_seed, widen

__all__ = ["OPTIONS", "SEED", "Seed", "SeedPage", "compose_page", "draw", "read_seed", "widen"]
