"""Many row numbers as one bound value of a statement, for ``column.in_(id_list(...))``.

An ``IN`` of thousands of values takes longer to put together than to answer, and SQLite takes
32,766 of them at most.
"""

import json
from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, Connection, Select, func, literal, select


def id_list(connection: Connection, ids: Sequence[int]) -> Select[int]:
    """A subquery that gives these numbers."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(ids))).table_valued("value")
        return select(listed.c.value)
    return select(func.unnest(literal(list(ids), ARRAY(BigInteger))))
