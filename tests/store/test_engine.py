"""Engines of several openings share what was compiled."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine.interfaces import CacheStats

from annotator.domain.scheme import LandmarkScheme
from annotator.store.file.database import Database
from annotator.store.project_store import ProjectStore
from annotator.store.tables import setting


def test_what_one_opening_compiled_serves_the_next(tmp_path: Path, scheme: LandmarkScheme) -> None:
    found = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.annotator"
        ProjectStore.create(path, scheme, tmp_path).close()
        database = Database(path, read_only=True)
        with database.read() as connection:
            asked = select(setting.c.key.label("asked_by_this_test"))
            found.append(connection.execute(asked).context.cache_hit)
        database.close()
    assert found == [CacheStats.CACHE_MISS, CacheStats.CACHE_HIT]
