"""The previews of a project: one 1024-pixel JPEG a frame, for people."""

from collections.abc import Sequence

from sqlalchemy import select

from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.tables import preview

_CHUNK = 500


class PreviewTable:
    """The `preview` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, frame_id: int) -> bytes | None:
        """The frame's preview JPEG, None while there is none."""
        with self._database.read() as connection:
            jpeg = connection.scalar(select(preview.c.jpeg).where(preview.c.frame_id == frame_id))
        return jpeg if isinstance(jpeg, bytes) else None

    def lacking(self, frame_ids: Sequence[int]) -> list[int]:
        """Those of some frames that have none, in the same order."""
        there: set[int] = set()
        with self._database.read() as connection:
            for start in range(0, len(frame_ids), _CHUNK):
                some = [int(i) for i in frame_ids[start : start + _CHUNK]]
                there.update(
                    connection.scalars(select(preview.c.frame_id).where(preview.c.frame_id.in_(some)))
                )
        return [int(i) for i in frame_ids if int(i) not in there]

    def save(self, frame_id: int, jpeg: bytes) -> None:
        """Keep a frame's preview JPEG in place of an older one."""
        with self._database.write() as connection:
            connection.execute(upsert(preview), {"frame_id": frame_id, "jpeg": jpeg})
