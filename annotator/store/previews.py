"""The previews of a project: one 1024-pixel JPEG a frame, for people."""

from sqlalchemy import select

from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.tables import preview


class PreviewTable:
    """The `preview` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, frame_id: int) -> bytes | None:
        """The frame's preview JPEG, None while there is none."""
        with self._database.read() as connection:
            jpeg = connection.scalar(select(preview.c.jpeg).where(preview.c.frame_id == frame_id))
        return jpeg if isinstance(jpeg, bytes) else None

    def save(self, frame_id: int, jpeg: bytes) -> None:
        """Keep a frame's preview JPEG in place of an older one."""
        with self._database.write() as connection:
            connection.execute(upsert(preview), {"frame_id": frame_id, "jpeg": jpeg})
