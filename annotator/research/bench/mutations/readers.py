"""What reads each kind of input, as the program does; run as a module this is the worker of these kinds."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from annotator.domain.errors import AnnotatorError, ProjectError
from annotator.domain.schemes.scheme_file import load_scheme, parse_scheme, read_scheme
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.domain.uncertainty import Question
from annotator.formats.registry import format_in, format_named
from annotator.imaging.probe import probe
from annotator.imaging.pyramid import preview_jpeg, pyramid
from annotator.imaging.reader import read_frame
from annotator.inference.predictor import Predictor
from annotator.research.bench.mutations.seeds import SCHEME
from annotator.research.bench.mutations.worker import Read, serve
from annotator.services.models.registry import available_models, damaged_models
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.queue.refresh_queues import refresh_queues
from annotator.services.project.status import project_status
from annotator.store.change_log import ChangeLog
from annotator.store.project_store import ProjectStore


def read_picture(path: Path) -> None:
    """Header, pixels, pyramid and preview."""
    info = probe(path)
    pixels = read_frame(path)
    if pixels.shape[:2] != (info.height, info.width):
        raise AssertionError(f"{pixels.shape} of a frame of {info.width} x {info.height}")
    preview_jpeg(pyramid(pixels)[-1])


def read_annotations(path: Path) -> None:
    """A dataset onto its scheme."""
    wanted = format_named("pts") if path.suffix == ".pts" else format_in(path)
    dataset = wanted.read(path.parent if path.suffix == ".pts" else path, load_scheme(SCHEME))
    for frame in dataset.frames:
        frame.annotation(dataset.scheme)


def read_model(path: Path) -> None:
    """The list of models, and the model itself on one frame."""
    available_models(path.parent.with_suffix(".annotator"))
    damaged_models(path.parent.with_suffix(".annotator"))
    Predictor(path.parent, "cpu").propose(np.zeros((64, 64, 3), np.uint8))


def read_scheme_file(path: Path) -> None:
    """A scheme, which must be written and read again as itself."""
    scheme = read_scheme(path)
    parse_scheme(write_scheme(scheme))


def read_project(path: Path) -> None:
    """Everything that a project holds; a row that cannot be used may cost itself alone."""
    with ProjectStore.open(path) as store:
        listed = store.frames.list()
        ids = [int(i) for i in listed.ids]
        reads: list[Callable[[], object]] = [
            lambda: [summary.frame.name for summary in listed],
            store.frames.facets,
            lambda: dict(store.annotations.items()),
            store.ledger.entries,
            store.models.all,
            store.models.active,
            store.models.history,
            lambda: [dict(store.proposals.items(ids, name)) for name in ("one", "two")],
            lambda: store.proposals.confidences("two"),
            lambda: dict(store.consensus.items(ids, "two")),
            lambda: [store.findings.top(question, "two", 50) for question in Question],
            lambda: [store.coverage.rows(name) for name in ("subject", "take", "camera")],
            lambda: store.coverage.least_covered(9),
            lambda: [store.settings.get(key) for key in ("current_frame", "training_run")],
            lambda: [store.previews.get(i) for i in ids],
        ]
        for read in reads:
            read()
        strict: list[Callable[[], object]] = [
            *(lambda i=i: store.annotations.get(i) for i in ids),
            *(lambda i=i: store.proposals.get(i, "two") for i in ids),
            *(lambda i=i: store.annotations.at(i, 1) for i in ids),
            lambda: project_status(store),
            lambda: refresh_queues(store),
            lambda: export_dataset(store, path.with_suffix(".csv")),
        ]
        for read in strict:
            with suppress(AnnotatorError):
                read()
        with suppress(ProjectError):
            log = ChangeLog(path)
            log.look()
            log.close()


READERS: dict[str, Read] = {
    "frames": read_picture,
    "annotations": read_annotations,
    "projects": read_project,
    "models": read_model,
    "schemes": read_scheme_file,
}

if __name__ == "__main__":
    serve(READERS)
