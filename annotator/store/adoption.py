"""Entries of a copy's ledger, taken over as they are: who, when, in how many seconds, on which model's proposal."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, insert

from annotator.domain.annotation import Annotation
from annotator.store.history.ledger import LedgerEntry
from annotator.store.tables import correction


@dataclass(frozen=True, eq=False)
class Adoption:
    """What a frame takes over from a copy.

    Attributes:
        entries: of the copy's ledger, in its order. held: the human layer that this was decided on.
        replayed: that layer after the entries. target: what the frame shall hold.
        stated: int64 [K], landmarks that an entry under `label` brings there.
    """

    frame_id: int
    entries: Sequence[LedgerEntry]
    held: Annotation
    replayed: Annotation
    target: Annotation
    stated: NDArray[np.int64]
    label: str


def entry_digest(entry: LedgerEntry) -> bytes:
    """What tells an entry from every other of its frame, in whichever copy it stands: all of it but its number."""
    values = entry_values(entry)
    del values["frame_id"]
    found = hashlib.sha256()
    for name in sorted(values):
        value = values[name]
        found.update(value if isinstance(value, bytes) else repr(value).encode())
        found.update(b"\0")
    return found.digest()


def without(entries: Sequence[LedgerEntry], others: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Those entries that the others lack, as often as they lack them."""
    known = Counter(map(entry_digest, others))
    left = []
    for entry in entries:
        digest = entry_digest(entry)
        if known[digest]:
            known[digest] -= 1
        else:
            left.append(entry)
    return left


def insert_entry(connection: Connection, frame_id: int, entry: LedgerEntry) -> int:
    """Append an entry to the ledger of a frame as it is; returns its number here."""
    values = entry_values(entry) | {"frame_id": frame_id}
    key = connection.execute(insert(correction).values(values)).inserted_primary_key
    return int(key[0]) if key else 0


def entry_values(entry: LedgerEntry) -> dict[str, object]:
    """An entry as a row, without its number."""
    return {
        "frame_id": entry.frame_id,
        "at": entry.at.isoformat(timespec="milliseconds"),
        "user": entry.user,
        "label": entry.label,
        "seconds": entry.seconds,
        "model_id": entry.model_id,
        "model_sha256": entry.model_sha256,
        "indices": entry.indices.astype("<u2").tobytes(),
        "before": _packed(entry.from_xy, entry.from_state, entry.from_flags),
        "after": _packed(entry.to_xy, entry.to_state, entry.to_flags),
        "review_before": int(entry.from_review),
        "review_after": int(entry.to_review),
        "origin": int(entry.origin),
    }


def _packed(xy: NDArray[np.float32], state: NDArray[np.uint8], flags: NDArray[np.uint8]) -> bytes:
    """As `rows.pack_points` has it."""
    return xy.astype("<f4").tobytes() + (state | flags << 4).astype(np.uint8).tobytes()
