"""Operations that bring work from elsewhere into a project, which the kill matrix ends at every write."""

from pathlib import Path
from typing import Final

import numpy as np

from annotator.domain import edits
from annotator.domain.errors import FormatError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.research.bench.kills.matrix import Operation
from annotator.research.bench.kills.projects import PROJECT, make_project
from annotator.services.models.farm.merge_shards import merge_shards
from annotator.services.models.farm.propose_shard import ALL, Block
from annotator.services.models.farm.side_file import SideModel, SideRow, write_side_file
from annotator.services.project.copies.merge_copies import merge_copies
from annotator.services.project.copies.merge_record import merge_conflicts
from annotator.services.project.copies.take_sides import take_sides
from annotator.store.history.changes import Change
from annotator.store.people.decisions import Took
from annotator.store.project_store import ProjectStore

_SHA: Final = "ab" * 32
_MODEL: Final = "m"


def _proposed_elsewhere(folder: Path) -> None:
    """A project, and a side file of all of its frames."""
    with ProjectStore.open(make_project(folder)) as store:
        store.models.add(ModelCard(_MODEL, store.scheme.id, {}, sha256=_SHA), folder)
        size = store.scheme.size
        xy, wide = np.full((size, 2), 30, np.float32), np.tile(np.eye(2, dtype=np.float32), (size, 1, 1))
        rois = np.zeros((len(store.scheme.regions), 4), np.float32)
        own = Proposal(_MODEL, store.scheme.id, xy, wide, np.ones(size, np.float32), rois, xy, wide)
        model = SideModel(_MODEL, _SHA, "")
        for ids in ALL.blocks(store.frames.list().ids.tolist()):
            block = Block.of(store, ids)
            rows = [
                SideRow(block.paths[key.frame_id], key.width, key.height, key.nbytes, key.mtime_ns, own)
                for key in block.keys
            ]
            write_side_file(block.file(folder / "farm", model), model, store.scheme.id, rows)


def _merge_farm(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        refused = merge_shards(store, folder / "farm").refused
    if refused:
        raise FormatError(f"side files were refused: {refused}")


def _seen_proposals(folder: Path) -> object:
    with ProjectStore.open(folder / PROJECT) as store:
        return sorted(store.proposals.frame_ids(_MODEL))


def _in_conflict(folder: Path) -> None:
    """A project into which a copy was merged that put a landmark elsewhere."""
    with ProjectStore.open(make_project(folder)) as store:
        store.copy_to(folder / "theirs.annotator")
        with ProjectStore.open(folder / "theirs.annotator") as theirs:
            for own, x, hour in ((store, 11.0, 11), (theirs, 12.0, 10)):
                before = own.annotations.get(1)
                after, _ = edits.apply(edits.move([0], [[x, x]]), before)
                at = f"2099-01-01T{hour}:00:00.000+00:00"
                own.annotations.commit(Change(1, before, after, "Move", at=at))
            merge_copies(store, theirs)


def _take_theirs(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        take_sides(store, merge_conflicts(store), Took.THEIRS)


def _seen_sides(folder: Path) -> object:
    """Where the landmark is; a conflict is decided only where its side is in place."""
    with ProjectStore.open(folder / PROJECT) as store:
        place = store.annotations.get(1).xy[0].tolist()
        if not merge_conflicts(store) and place != [12.0, 12.0]:
            raise FormatError("a conflict is decided for a side that is not in place")
        return place


OPERATIONS: Final = {
    "merge of side files": Operation(_proposed_elsewhere, _merge_farm, _seen_proposals),
    "side of a conflict": Operation(_in_conflict, _take_theirs, _seen_sides),
}
"""By name."""
