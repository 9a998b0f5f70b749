"""Which tables hold data, and their rows as text; the others only arrange the page.

Called by ``crawler.extract.text``. Old pages put whole articles into tables, so a table counts as
data only when it looks like one: no table inside, several rows and columns, short cells.
"""

from collections.abc import Collection

from lxml import etree
from lxml.etree import _Element as Element

_MIN_ROWS = 2
_MIN_COLUMNS = 2
_LONG_CELL = 400  # characters; a cell of prose this long is an article in a layout table
_MOST_ROWS = 0.5  # share of the rows that must have several cells with text
_LAYOUT_ROLES = frozenset(("presentation", "none"))
_BLOCKS_IN_CELL = 6  # paragraphs in one cell


class TableReader:
    """Tells data tables from layout tables; knows once for the page which tables hold tables."""

    def __init__(self, root: Element, skipped: Collection[str]) -> None:
        self._skipped = skipped
        outer = (next(table.iterancestors("table"), None) for table in root.iter("table"))
        self._outer = {table for table in outer if table is not None}

    def read_rows(self, table: Element) -> list[list[str]] | None:
        """Cell texts by row, or ``None`` when the table only arranges the page."""
        if table in self._outer or table.get("role") in _LAYOUT_ROLES:
            return None
        rows: list[list[str]] = []
        for row in table.iter("tr"):
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            texts = [self._cell_text(cell) for cell in cells]
            if any(text is None for text in texts):
                return None
            if any(text and text.strip() for text in texts):
                rows.append([text or "" for text in texts])
        several = sum(sum(bool(text.strip()) for text in row) >= _MIN_COLUMNS for row in rows)
        if len(rows) < _MIN_ROWS or several < max(_MIN_ROWS, len(rows) * _MOST_ROWS):
            return None
        return rows

    def _cell_text(self, cell: Element) -> str | None:
        """Text of a cell, ``None`` when the cell holds too much to be a cell of data."""
        pieces: list[str] = []
        paragraphs = length = 0
        walk = etree.iterwalk(cell, events=("start", "end"))
        for event, node in walk:
            if event == "start":
                if node.tag in self._skipped:
                    walk.skip_subtree()
                    continue
                if node.tag in ("p", "div", "li", "br"):
                    paragraphs += node.tag != "br"
                    pieces.append(" ")
                if node.text:
                    pieces.append(node.text)
                    length += len(node.text.strip())
            elif node is not cell and node.tail:
                pieces.append(node.tail)
                length += len(node.tail.strip())
            if length > _LONG_CELL or paragraphs > _BLOCKS_IN_CELL:
                return None
        return "".join(pieces)
