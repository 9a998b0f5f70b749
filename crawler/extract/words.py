"""Word tables written as running text; used by the tables of ``crawler.extract``."""


def words(text: str) -> tuple[str, ...]:
    """The words of ``text``, which stands over several lines for the reader's sake."""
    return tuple(text.split())
