"""The models that a project knows, which of them is active, and which were before."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, insert, select, update

from annotator.domain.errors import ModelError, ProjectError
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.paths import model_of_scheme, portable, resolve
from annotator.store.rows import moment, now, os_user, text
from annotator.store.tables import activation, consensus, finding, model, proposal

MOST: Final = 2000
"""Characters of a note."""


@dataclass(frozen=True)
class ProjectModel:
    """A model that the project knows: its card as it was when it was added, its folder (which may be gone), and what people note
    of it."""

    card: ModelCard
    folder: Path
    added: datetime
    note: str = ""

    @property
    def id(self) -> str:
        """The card's id."""
        return self.card.id


@dataclass(frozen=True, slots=True)
class ModelActivation:
    """When which model became the active one, and by whom."""

    model_id: str
    at: datetime
    user: str


class ModelTable:
    """The `model` and `activation` tables."""

    def __init__(self, database: Database, scheme: LandmarkScheme) -> None:
        self._database, self._scheme, self._base = database, scheme, database.path.parent

    def all(self) -> list[ProjectModel]:
        """All known models, oldest first; damaged rows are left out, which is told."""
        statement = _columns().where(model.c.removed.is_(None)).order_by(model.c.added)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        read = [self._model(*row) for row in rows]
        return [own for own in read if own is not None]

    def add(self, card: ModelCard, folder: Path) -> None:
        """Make a model known (again, where it was removed), or its card and folder new; raises `ModelError` if it is of another
        scheme."""
        card.check_scheme(self._scheme.id)
        values = {
            "folder": portable(folder, self._base),
            "sha256": card.sha256,
            "card_toml": card.to_toml(),
            "removed": None,
        }
        with self._database.write() as connection:
            connection.execute(upsert(model, *values), {"id": card.id, "added": now(), **values})

    def active(self) -> ProjectModel | None:
        """The model whose proposals are shown; None where none was chosen yet, or its row is damaged."""
        statement = (
            _columns()
            .join(activation, activation.c.model_id == model.c.id)
            .where(model.c.removed.is_(None))
            .order_by(activation.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else self._model(*row)

    def active_id(self) -> str | None:
        """Id of the active model, None where none was chosen yet."""
        known = select(activation.c.model_id).join(model, activation.c.model_id == model.c.id)
        newest = known.where(model.c.removed.is_(None)).order_by(activation.c.id.desc()).limit(1)
        with self._database.read() as connection:
            return connection.scalar(newest)

    def activate(self, model_id: str, user: str | None = None) -> None:
        """Choose the active model; going back to an earlier one is the same call. Raises `ModelError` if unknown."""
        with self._database.write() as connection:
            _check_known(connection, model_id)
            connection.execute(insert(activation).values(model_id=model_id, at=now(), user=user or os_user()))

    def set_note(self, model_id: str, note: str) -> None:
        """Keep what people note of a model; raises `ModelError` if unknown."""
        with self._database.write() as connection:
            _check_known(connection, model_id)
            connection.execute(update(model).where(model.c.id == model_id).values(note=note[:MOST]))

    def remove(self, model_id: str) -> None:
        """Know a model no longer; its proposals go, the history and the ledger still name it. Where it was active, the one
        before it is. Raises `ModelError` if unknown."""
        with self._database.write() as connection:
            _check_known(connection, model_id)
            for table in (finding, consensus, proposal):
                connection.execute(delete(table).where(table.c.model_id == model_id))
            connection.execute(update(model).where(model.c.id == model_id).values(removed=now()))

    def history(self) -> list[ModelActivation]:
        """Every activation, oldest first."""
        statement = select(activation.c.model_id, activation.c.at, activation.c.user).order_by(
            activation.c.id
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        found = []
        for model_id, at, user in rows:
            try:
                found.append(ModelActivation(text(model_id), moment(at), text(user)))
            except ValueError as error:
                self._database.left_out.add(f"An entry of the models' history is damaged: {error}.")
        return found

    def _model(
        self, model_id: object, card_toml: object, folder: object, added: object, note: object
    ) -> ProjectModel | None:
        try:
            card = ModelCard.from_toml(text(card_toml))
            if card.id != model_id:
                raise ValueError(f"its card is of {card.id!r}")
            stored = resolve(text(folder), self._base)
            return ProjectModel(card, model_of_scheme(stored, card.scheme), moment(added), text(note))
        except (ModelError, ProjectError, ValueError) as error:
            self._database.left_out.add(
                f"The project's record of the model {model_id!r} is damaged and left out: {error}. Add the model again."
            )
            return None


def _columns() -> Select[Any]:
    return select(model.c.id, model.c.card_toml, model.c.folder, model.c.added, model.c.note)


def _check_known(connection: Connection, model_id: str) -> None:
    known = select(model.c.id).where(model.c.id == model_id, model.c.removed.is_(None))
    if connection.scalar(known) is None:
        raise ModelError(f"the project knows no model {model_id!r}; add it first")
