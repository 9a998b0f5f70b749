"""Which databases a test runs on, when not on both.

Every statement of the archive is tested on both; of the tests that start whole crawls, those about
the crawl rather than the database keep PostgreSQL for ``make soak``.
"""

import pytest

chiefly_sqlite = pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)


def mostly_in_soak(*names: str) -> list[object]:
    """Parameters of a test that starts a whole crawl for each: the first always, others in soak.

    What tells them apart is tested without a crawl.
    """
    first, *rest = names
    return [first, *(pytest.param(name, marks=pytest.mark.soak) for name in rest)]
