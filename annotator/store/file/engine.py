"""SQLAlchemy's engines on SQLite; what one of them compiled serves all, as each thread has connections of its own."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

_NAME: Final = "shared"
_STATEMENTS: Final = 1000
_compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS)


class SharedDialect(SQLiteDialect_pysqlite):
    """SQLite as everywhere; equal in all engines, for the dialect is part of the key of a compiled statement."""

    driver = _NAME
    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is SharedDialect

    def __hash__(self) -> int:
        return hash(SharedDialect)


registry.register(f"sqlite.{_NAME}", __name__, SharedDialect.__name__)


def make_engine(connect: Callable[[], sqlite3.Connection]) -> Engine:
    """An engine of up to four connections, each made by `connect`."""
    return create_engine(
        f"sqlite+{_NAME}://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=2,
        max_overflow=2,
        execution_options={"compiled_cache": _compiled},
    )
