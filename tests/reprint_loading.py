"""Puts generated pieces into an archive's tables at once and links them.

Called by the reprint tests and benchmarks.
"""

from collections.abc import Sequence

from storage import Archive
from storage.reprint_links import link_missing
from tests.reprint_corpus import Piece
from tests.search_corpus import Made, Named
from tests.search_loading import load

_NAMED = Named(agencies=(), officials=(), regions=(), cited=(), explained=())


def load_pieces(archive: Archive, pieces: Sequence[Piece], *, is_linked: bool = True) -> None:
    """Insert the pieces, whose numbers count from 1: those of article, version and reading."""
    made = (
        Made(
            number=piece.number,
            versions=((piece.paragraphs[0][:20], piece.paragraphs),),
            portal="example",
            source=None,
            channel=None,
            published=None,
            named=(_NAMED,),
        )
        for piece in pieces
    )
    load(archive, made, is_indexed=False)
    if is_linked:
        with archive.engine.execution_options(writes=True).begin() as connection:
            link_missing(connection)
