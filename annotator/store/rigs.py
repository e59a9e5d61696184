"""Calibrated rigs of a project: several by take, each in versions that are never overwritten."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from annotator.domain.errors import ProjectError
from annotator.domain.rigs.rig import Rig, RigError, are_meant
from annotator.domain.rigs.rig_values import rig_from_plain, rig_to_plain
from annotator.store.consensus import ConsensusTable, RigOfTake
from annotator.store.file.database import Database
from annotator.store.rows import now, os_user
from annotator.store.tables import rig as table

RigState = tuple[int, int]
"""How many versions of rigs there ever were, and how many are out of use."""


@dataclass(frozen=True, eq=False)
class ProjectRig:
    """One version of a rig as the project holds it; `id` names it for good, `version` counts within its name."""

    id: int
    version: int
    rig: Rig
    added: datetime
    user: str

    @property
    def name(self) -> str:
        """The rig's."""
        return self.rig.name

    @property
    def label(self) -> str:
        """Name and version, for people."""
        return f"{self.rig.name} (version {self.version})"


class RigTable:
    """The `rig` table."""

    def __init__(self, database: Database, together: ConsensusTable) -> None:
        self._database, self._together = database, together

    def add(self, *rigs: Rig, user: str | None = None) -> tuple[ProjectRig, ...]:
        """Add rigs, all or none; one whose name is known becomes its next version, also where earlier ones were removed.

        Raises:
            RigError: a rig could not be read again, such as for a name that is no text.
        """
        added = []
        plain = [rig_to_plain(rig_from_plain(rig_to_plain(rig))) for rig in rigs]
        with self._database.write() as connection:
            for rig, values_of_rig in zip(rigs, plain, strict=True):
                highest = select(func.max(table.c.version)).where(table.c.name == rig.name)
                values = {
                    "name": rig.name,
                    "version": (connection.scalar(highest) or 0) + 1,
                    "takes": json.dumps(list(rig.takes)),
                    "rig_json": json.dumps(values_of_rig),
                    "added": now(),
                    "user": user or os_user(),
                }
                result = connection.execute(insert(table).values(values)).inserted_primary_key
                row = (result[0] if result else 0, values["version"], values["rig_json"])
                added.append(_project_rig((*row, values["added"], values["user"])))
            self._together.outdate_rigs(connection, _holding(connection))
        return tuple(added)

    def exist(self) -> bool:
        """Whether any is in use; cheap enough to ask at every edit."""
        with self._database.read() as connection:
            return (
                connection.execute(select(table.c.id).where(table.c.removed.is_(None)).limit(1)).first()
                is not None
            )

    def state(self) -> RigState:
        """What every coming and going of a version changes."""
        with self._database.read() as connection:
            return rig_state(connection)

    def list(self) -> tuple[ProjectRig, ...]:
        """The newest version of each rig in use, in the order in which they were added."""
        newest: dict[str, ProjectRig] = {}
        for version in self._read(_rows()):
            newest[version.name] = version
        return tuple(sorted(newest.values(), key=lambda known: known.id))

    def versions(self, name: str) -> tuple[ProjectRig, ...]:
        """All versions of a rig in use, oldest first; none where there is no such rig."""
        return self._read(_rows().where(table.c.name == name))

    def get(self, name: str, version: int | None = None) -> ProjectRig:
        """A rig's newest version, or a certain one; raises `ProjectError` where there is none."""
        found = [known for known in self.versions(name) if version in (None, known.version)]
        if not found:
            known = ", ".join(each.label for each in self.list()) or "none"
            wanted = name if version is None else f"{name} (version {version})"
            raise ProjectError(f"the project has no rig {wanted}; it has {known}")
        return found[-1]

    def of_take(self, subject: str, take: str) -> ProjectRig | None:
        """The rig for a subject's take: one that names takes goes before one for all, then the latest; None where none holds."""
        with self._database.read() as connection:
            held = _holding(connection)(subject, take)
        return None if held is None else self._read(_rows().where(table.c.id == held))[0]

    def remove(self, name: str, version: int | None = None) -> int:
        """Take a rig, or one version of it, out of use; returns how many versions. Its numbers are never given again.

        Raises:
            ProjectError: there is no such rig.
        """
        self.get(name, version)
        statement = update(table).where(table.c.name == name, table.c.removed.is_(None))
        if version is not None:
            statement = statement.where(table.c.version == version)
        with self._database.write() as connection:
            count = int(connection.execute(statement.values(removed=now())).rowcount)
            self._together.outdate_rigs(connection, _holding(connection))
        return count

    def _read(self, statement: Select[Any]) -> tuple[ProjectRig, ...]:
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return tuple(_project_rig(tuple(row)) for row in rows)


def rig_state(connection: Connection) -> RigState:
    """See `RigTable.state`; versions are never written over, and their numbers never given again."""
    counts = select(func.count(), func.count(table.c.removed)).select_from(table)
    ever, removed = connection.execute(counts).one()
    return int(ever), int(removed)


def _rows() -> Select[Any]:
    c = table.c
    return select(c.id, c.version, c.rig_json, c.added, c.user).where(c.removed.is_(None)).order_by(c.id)


def _holding(connection: Connection) -> RigOfTake:
    """Which rig holds for a take, by the rigs in use now."""
    c = table.c
    rows = connection.execute(select(c.name, c.id, c.takes).where(c.removed.is_(None)).order_by(c.id)).all()
    newest = {name: (rig_id, _patterns(rig_id, takes)) for name, rig_id, takes in rows}

    def holds(subject: str, take: str) -> int | None:
        held = [(bool(takes), rig_id) for rig_id, takes in newest.values() if are_meant(takes, subject, take)]
        return max(held)[1] if held else None

    return holds


def _patterns(rig_id: int, text: str) -> list[str]:
    try:
        return [str(pattern) for pattern in json.loads(text)]
    except (ValueError, TypeError) as error:
        raise ProjectError(f"rig {rig_id} of the project is damaged: {error}. Restore a backup.") from error


def _project_rig(row: tuple[Any, ...]) -> ProjectRig:
    rig_id, version, text, added, user = row
    try:
        return ProjectRig(
            rig_id, version, rig_from_plain(json.loads(text)), datetime.fromisoformat(added), user
        )
    except (RigError, ValueError, RecursionError) as error:
        raise ProjectError(f"rig {rig_id} of the project is damaged: {error} Restore a backup.") from error
