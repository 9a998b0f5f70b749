"""Which databases a test runs on, when not on both.

Every statement of the archive is tested on both; of the tests that start whole crawls, those about
the crawl rather than the database keep PostgreSQL for ``make soak``.
"""

import pytest

chiefly_sqlite = pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
