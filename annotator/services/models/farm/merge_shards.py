"""Brings side files of a farm into the project: each checked, twice the same as once, what is refused named."""

from pathlib import Path

from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError, FormatError, ModelError
from annotator.domain.frame_key import FrameKey
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.services.models.farm.evidence_file import EVIDENCE
from annotator.services.models.farm.merge_evidence import merge_evidence
from annotator.services.models.farm.patch_file import PATCHES
from annotator.services.models.farm.preview_shard import PREVIEWS, merge_patches, merge_previews
from annotator.services.models.farm.side_file import ENDING, SideModel, SideRow, read_side_file
from annotator.services.models.farm.summary import MergeShardsSummary
from annotator.services.models.registry import ModelEntry, find_model
from annotator.services.rigs.agreement import agree, proposals_agree
from annotator.staging import is_staged
from annotator.store.paths import located
from annotator.store.project_store import ProjectStore


def merge_shards(
    store: ProjectStore,
    folder: Path,
    progress: Progress = silent,
    stop: Stop = never,
    again: bool = False,
    rig: bool | None = None,
) -> MergeShardsSummary:
    """Take proposals, image evidence, previews and patches of a folder's side files into the project, a file in a transaction.

    A file is taken where its scheme is the project's and its model the one that the project (or this machine) knows by that id
    and hash; a row where the project has a frame of that path and size, and the picture, where it is here, is still the one that
    was proposed, by bytes and time. What the project has proposed by that model stays, unless `again`.
    The cameras are asked at the end where `rig` or the project's setting (None) says so.

    Raises:
        FormatError: the folder has no side file. AnnotatorError: pyarrow is not installed. StoreWriteError: files that were
        merged before stay.
    """
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix in (ENDING, EVIDENCE, PREVIEWS, PATCHES) and not is_staged(file.relative_to(folder))
    ]
    if not files:
        raise FormatError(
            f"{folder} has no side files; annotator propose, track and previews make them, with --shard."
        )
    frames = {summary.frame.path: summary.frame for summary in store.frames.list()}
    summary = MergeShardsSummary()
    models: dict[SideModel, str] = {}
    done: dict[str, set[int]] = {}
    new: dict[str, list[int]] = {}
    for number, file in enumerate(files):
        if stop():
            summary.stopped = True
            break
        progress(number, len(files), file.name)
        name = str(file.relative_to(folder))
        if file.suffix == PATCHES:
            merge_patches(store, file, summary, name)
            continue
        if file.suffix != ENDING:
            of_kind = merge_evidence if file.suffix == EVIDENCE else merge_previews
            of_kind(store, file, frames, summary, name)
            continue
        try:
            side = read_side_file(file, store.scheme)
            if side.model not in models:
                models[side.model] = _known_model(store, side.model)
        except (FormatError, ModelError) as error:
            summary.refused[name] = str(error)
            continue
        summary.refused |= side.damaged
        model_id = models[side.model]
        have = done.setdefault(model_id, set() if again else store.proposals.frame_ids(model_id))
        rows = []
        for row in side.rows:
            found = frames.get(row.path)
            why = "the project has no such frame" if found is None else _refusal(store, found, row, summary)
            if found is None or why:
                summary.refused[row.path] = why
            elif found.id in have:
                summary.known += 1
            else:
                rows.append((found.id, row.proposal))
                have.add(found.id)
        _save(store, rows, summary)
        new.setdefault(model_id, []).extend(frame_id for frame_id, _ in rows)
    else:
        progress(len(files), len(files), "merged")
    if not summary.stopped and (proposals_agree(store) if rig is None else rig):
        for model_id, ids in new.items():
            if ids:
                summary.agreement = agree(store, model_id, ids, progress, stop)
    return summary


def _save(store: ProjectStore, rows: list[tuple[int, Proposal]], summary: MergeShardsSummary) -> None:
    store.proposals.save_all(rows)
    summary.merged += len(rows)


def _refusal(store: ProjectStore, frame: Frame, row: SideRow, summary: MergeShardsSummary) -> str:
    """Why a row is not of the frame as it is now; empty where it is. Pictures that are not here are counted."""
    if (frame.width, frame.height) != (row.width, row.height):
        return f"it was proposed at {row.width} x {row.height} px; the project has it at {frame.width} x {frame.height}"
    key = FrameKey.unseen(store.identity, frame, located(store.frames.capture_root, frame.path)).now()
    if not key.has_file:
        summary.unseen += 1
        return ""
    if (key.nbytes, key.mtime_ns) != (row.nbytes, row.mtime_ns):
        return "its file is another one (bytes or time) than was proposed; propose it again"
    return ""


def _known_model(store: ProjectStore, wanted: SideModel) -> str:
    """The id under which the project knows the model; one that this machine has is made known.

    Raises:
        ModelError: neither has it with that hash.
    """
    own = next((model for model in store.models.all() if model.id == wanted.id), None)
    if own is not None:
        if own.card.sha256 == wanted.sha256:
            return own.id
        raise ModelError(f"it was made by another {wanted.id} than the project's: their weights differ")
    entry = _found(store, wanted)
    if entry.card.sha256 != wanted.sha256 or entry.id != wanted.id:
        raise ModelError(f"it was made by another {wanted.id} than this machine has: their weights differ")
    store.models.add(entry.card, entry.folder)
    if store.models.active() is None:
        store.models.activate(entry.id)
    return entry.id


def _found(store: ProjectStore, wanted: SideModel) -> ModelEntry:
    for name in (wanted.id, wanted.folder):
        try:
            return find_model(name, store.path, store.scheme.id)
        except (AnnotatorError, OSError, ValueError):
            continue
    raise ModelError(
        f"the project does not know the model {wanted.id}; make it known: annotator models PROJECT --activate FOLDER"
    )
