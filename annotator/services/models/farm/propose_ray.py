"""A project proposed by a Ray cluster: blocks go to workers, side files come back, this process alone writes the project."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import CARD, SCHEME_FILE, SHAPES_FILE, WEIGHTS, ModelCard
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.words import counted
from annotator.files import write_whole
from annotator.inference.options import OptionChanges
from annotator.services.models.farm.merge_shards import merge_shards
from annotator.services.models.farm.propose_shard import ALL, Block
from annotator.services.models.farm.ray_pool import Cluster, Pool, Work, connected
from annotator.services.models.farm.side_file import ENDING, SideModel, arrow, side_bytes
from annotator.services.models.loaded_model import ModelUse, chosen_model
from annotator.services.models.propose import FrameFailure, Proposer, ProposeSummary
from annotator.services.rigs.agreement import agree, proposals_agree
from annotator.store.project_store import ProjectStore

_MODEL_FILES: Final = (CARD, WEIGHTS, SHAPES_FILE, SCHEME_FILE)


@dataclass(frozen=True)
class RayUse:
    """Which cluster, `auto` or an address; how many workers at most (None: as many as it has GPUs, or CPUs), and where side files
    lie meanwhile (None: beside the project, and they are gone at the end)."""

    address: str = "auto"
    workers: int | None = None
    folder: Path | None = None


def propose_on_ray(
    store: ProjectStore,
    use: ModelUse,
    frame_ids: Sequence[int],
    ray: RayUse | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    again: bool = False,
    rig: bool | None = None,
    load: Callable[[str], Proposer] | None = None,
) -> ProposeSummary:
    """Propose landmarks for `frame_ids` on a Ray cluster, and merge them as `merge_shards` does; resumable, as one process is.

    Workers read the frames at the paths that this machine has; the model is sent to them. Blocks of a worker or machine that is
    lost go to others. What is there when it is asked to stop is merged; what a kill left behind, by the next call.

    Args:
        load: gives the model on a worker in place of the one that `use` names (the project must know it).

    Raises:
        AnnotatorError: Ray or pyarrow is not installed, there is no cluster, or workers cannot be used. ModelError: the model.
        StoreWriteError: what was merged before stays.
    """
    arrow()  # before any work
    ray = ray or RayUse()
    kind = use.device.partition(":")[0]
    if kind not in ("auto", "cpu", "cuda") or use.device.startswith("cuda:"):
        raise AnnotatorError("With --ray the device is auto, cpu or cuda: Ray gives each worker a GPU.")
    entry = chosen_model(store, use)
    entry.card.check_scheme(store.scheme.id)
    folder = ray.folder or store.path.with_suffix(".farm")
    refused = {} if again or not _has_files(folder) else _merge(store, folder, False)
    known = set() if again else store.proposals.frame_ids(entry.id)
    todo = [int(i) for i in frame_ids if int(i) not in known]
    summary = ProposeSummary(entry.id, skipped=len(frame_ids) - len(todo))
    if todo:
        with connected(ray.address) as cluster:
            load = load or partial(_load, _files(entry.folder), use.changes, use.compiled)
            _work(store, entry.card, load, todo, ray, kind, cluster, folder, summary, progress, stop)
        if _has_files(folder):
            refused |= _merge(store, folder, again)
    ids = {frame.path: frame.id for frame in store.frames.of_ids([int(i) for i in frame_ids])}
    for name, why in refused.items():
        if name in ids:
            summary.failures.append(FrameFailure(ids[name], name, why))
        else:
            summary.notes.append(f"{name}: {why}")
    if ray.folder is None:
        _clear(folder)
    if not summary.stopped and (proposals_agree(store) if rig is None else rig):
        summary.agreement = agree(store, entry.id, [int(i) for i in frame_ids], progress, stop)
    return summary


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.rglob(f"*{ENDING}"))


def _clear(folder: Path) -> None:
    """Side files that were merged go, and the folder with them unless somebody keeps other things there."""
    for file in folder.glob(f"proposals-*{ENDING}"):
        file.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _merge(store: ProjectStore, folder: Path, again: bool) -> dict[str, str]:
    """Merges to the end, also where people asked to stop: it takes a moment. Returns what was refused."""
    return merge_shards(store, folder, again=again, rig=False).refused


def _work(
    store: ProjectStore,
    card: ModelCard,
    load: Callable[[str], Proposer],
    todo: Sequence[int],
    ray: RayUse,
    device: str,
    cluster: Cluster,
    folder: Path,
    summary: ProposeSummary,
    progress: Progress,
    stop: Stop,
) -> None:
    gpu = device == "cuda" or (device == "auto" and cluster.gpus > 0)
    if gpu and not cluster.gpus:
        raise AnnotatorError("The Ray cluster has no GPU; choose --device cpu.")
    summary.notes += [cluster.note] if cluster.note else []
    model = SideModel(card.id, card.sha256, "")
    blocks = [Block.of(store, ids) for ids in ALL.blocks(todo)]
    make = partial(_worker, load, "cuda" if gpu else "cpu", model, store.scheme.id)
    pool = Pool(cluster, make, ray.workers or (cluster.gpus if gpu else cluster.cpus), gpu)
    progress(0, len(todo), "waiting for workers")

    def done(number: int, answer: "_Done") -> None:
        if answer.content:
            write_whole(blocks[number].file(folder, model), answer.content)
        summary.proposed += answer.summary.proposed
        summary.doubtful += answer.summary.doubtful
        summary.failures += answer.summary.failures
        summary.notes += [text for text in answer.summary.notes if text not in summary.notes]

    def given_up(number: int, why: str) -> None:
        keys = blocks[number].keys
        summary.failures += [FrameFailure(key.frame_id, key.path, why) for key in keys]

    def told() -> None:
        progress(summary.finished, len(todo), counted(pool.working, "worker"))

    summary.stopped = not pool.run(blocks, done, given_up, stop, told)


@dataclass(frozen=True)
class _Done:
    """A block that was proposed: what its side file holds, empty where no frame could be, and the counts."""

    content: bytes
    summary: ProposeSummary


def _worker(load: Callable[[str], Proposer], device: str, model: SideModel, scheme_id: str) -> Work:
    """On a worker: the model, loaded, and what it does with a block."""
    predictor = load(device)

    def work(block: Block) -> _Done:
        summary = ProposeSummary(model.id)
        rows = block.rows(predictor, summary)
        summary.proposed, summary.notes = len(rows), list(predictor.notes)
        return _Done(side_bytes(model, scheme_id, rows) if rows else b"", summary)

    return work


def _files(folder: Path) -> dict[str, bytes]:
    """A model's folder as it is sent; raises `ModelError` by the worker where it cannot be used."""
    return {name: (folder / name).read_bytes() for name in _MODEL_FILES if (folder / name).is_file()}


def _load(files: Mapping[str, bytes], changes: OptionChanges, compiled: bool, device: str) -> Proposer:
    """On a worker: the model that was sent."""
    from annotator.inference.predictor import Predictor

    with tempfile.TemporaryDirectory() as temporary:
        for name, content in files.items():
            (Path(temporary) / name).write_bytes(content)
        threads = (
            1 if device == "cpu" else None
        )  # its share of the machine; other numbers change the last bits
        return Predictor(Path(temporary), device, threads, changes=changes, compiled=compiled)
