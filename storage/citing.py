"""Versions compared and cited: the part of ``Archive`` that puts them into other words.

``Archive`` inherits from it; ``storage.diff`` and ``storage.cite`` do the work.
"""

import datetime as dt

from sqlalchemy import Engine

from storage import lookups
from storage.cite import Cited, Style, cite_version
from storage.diff import Difference, compare
from storage.transaction import read


class Citing:
    """``Archive.diff`` and ``Archive.cite``."""

    _engine: Engine

    def diff(self, which: str | int, a: int | None = None, b: int | None = None) -> Difference:
        """What changed from version ``a`` to ``b`` of an article (default: the last two).

        Without ``b`` it is the latest. Raises as ``version``, and for an article of one version
        ``VersionNotFound``.
        """
        return compare(*read(self._engine, lambda c: lookups.two_versions(c, which, a, b)))

    def cite(
        self,
        which: str | int,
        number: int | None = None,
        *,
        style: Style = "gbt",
        accessed: dt.date | None = None,
    ) -> Cited:
        """A version (default: the latest) as a reference in GB/T 7714-2015, BibTeX or CSL-JSON.

        Accessed on the day it was captured, unless another is given. Raises as ``version``.
        """
        url, found = read(self._engine, lambda c: lookups.cited_version(c, which, number))
        return cite_version(url, found, style=style, accessed=accessed)
