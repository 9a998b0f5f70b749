"""Datasets out of an archive; ``Archive`` inherits the method, `jiedu export` is its user."""

import datetime as dt
import uuid
from pathlib import Path

from sqlalchemy import Engine

from storage.captures import CaptureFiles
from storage.export import Manifest, Order, make_dataset
from storage.query import Query


class Exports:
    """What leaves an archive as files."""

    _engine: Engine
    _files: CaptureFiles
    _token: uuid.UUID

    def export(
        self,
        folder: str | Path,
        query: Query | str = "",
        *,
        format: str = "parquet",
        as_of: dt.datetime | None = None,
        with_text: bool = False,
        all_versions: bool = False,
        since: str | Path | None = None,
    ) -> Manifest:
        """Write the articles that match into a new ``folder``, and give its manifest.

        ``format`` is parquet, jsonl, csv or warc (the fetched pages themselves, which needs
        ``with_text``). The dataset holds what had been recorded ``as_of`` a moment, by default the
        latest that no running crawl can still add to; the same call with the same moment gives the
        same bytes whatever is crawled later. Without ``with_text`` there are metadata, digests,
        links and short excerpts. ``all_versions`` adds the blocks and entities of versions that are
        not the latest. ``since`` names an earlier dataset of the same query: only articles of which
        something was recorded since are written, and a table ``removed``.

        Raises ``QueryError`` for a moment that cannot be told, ``DatasetUnusable`` when the folder
        is not empty or the disk refuses; then nothing is left of it.
        """
        order = Order(
            query=query if isinstance(query, Query) else Query(query),
            format=format,
            as_of=as_of,
            with_text=with_text,
            all_versions=all_versions,
            since=Path(since) if since is not None else None,
        )
        return make_dataset(self._engine, self._files.folder, self._token, Path(folder), order)
