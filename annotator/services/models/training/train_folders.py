"""Training from dataset folders: rendered or exported sets teach a network from scratch, or go on from a model.

The result is a model folder; beside it `OUT.run` holds the checkpoint by which the same command goes on, and the events.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.capture import evenly
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import CARD, ModelCard, read_card
from annotator.domain.progress import Stop, never
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.files import publish_folder
from annotator.formats.dataset_folder import ANNOTATIONS
from annotator.formats.pts import pts_files
from annotator.nn.device import choose_device
from annotator.services.models.calibrate import calibrate_model
from annotator.services.models.evaluation_sets import EvaluationSet, dataset_set, is_in_crops
from annotator.services.models.protocols.sets import holds_videos
from annotator.services.models.registry import ModelEntry, find_model
from annotator.services.models.training.frames_source import FramesSource, evaluation_frames
from annotator.training.config import TrainingConfig
from annotator.training.dataset_folder import LONGEST, ZOOM, PictureFolder
from annotator.training.events import OnEvent
from annotator.training.job import TrainingJob
from annotator.training.loop import train
from annotator.training.recipes import recipe
from annotator.training.source import Mixture, Sample, SampleSource

_HELD_OUT = 10
"""Without a validation folder one subject in so many, by the hash of its name, is kept out of training."""
_CALIBRATION_FRAMES = 64
_DRAFT = "model"  # where the model lies in the run's folder until all of it is there
_FEWEST = 4


@dataclass(frozen=True)
class FolderTraining:
    """What to train.

    Attributes:
        data: dataset folders, or folders of `.pts` files and pictures, each with the share in which it is drawn (any positive
            numbers).
        out: the model folder to make. validation: folder to measure on; None keeps subjects of `data` out of training.
        recipe: its name. scheme: of the landmarks; None takes the parent's, or the default. model: id or folder to go on from.
        minutes, steps, batch: in place of the recipe's. device: auto, cpu, cuda, mps. devices: how many of them.
        blend: share of what was trained in the model, None takes the recipe's; the rest stays the parent's.
        compiled: translate the networks first: minutes of waiting, then faster steps.
        recipes: a folder of the studio's own recipes; None takes the one in the user's settings.
    """

    data: tuple[tuple[Path, float], ...]
    out: Path
    validation: Path | None = None
    recipe: str = "default"
    scheme: str | None = None
    model: str | None = None
    minutes: float | None = None
    steps: int | None = None
    batch: int | None = None
    device: str = "auto"
    devices: int = 1
    seed: int = 1
    blend: float | None = None
    compiled: bool = False
    recipes: Path | None = None


def train_folders(wanted: FolderTraining, on_event: OnEvent, stop: Stop = never) -> ModelCard:
    """Train, calibrate on the validation frames, and return the new model's card.

    Events are those of `training.loop`. A run that was stopped or killed goes on
    when it is called with the same folders, recipe and seed; more minutes or steps lengthen it.

    Raises:
        AnnotatorError: no such recipe, folder or model; `out` holds a finished model of another run.
    """
    config = _config(wanted)
    choose_device(wanted.device)  # one that is not there is refused before anything is read
    parent = find_model(wanted.model) if wanted.model else None
    scheme = load_scheme(_scheme_of(wanted, parent))
    run_folder = wanted.out.with_name(wanted.out.name + ".run")
    if (wanted.out / CARD).is_file() and not run_folder.is_dir():
        raise AnnotatorError(f"{wanted.out} holds a finished model; choose another folder for the new one.")
    source, validation = _sources(
        wanted, scheme, max(LONGEST, round(ZOOM * max(config.source, *config.sizes, 0)))
    )
    if not len(source):
        raise AnnotatorError("The data folders hold no annotated picture to train on.")
    job = TrainingJob(
        scheme,
        source,
        validation if len(validation) else None,
        run_folder,
        run_folder / _DRAFT,
        wanted.out.name,
        parent.folder if parent else None,
        wanted.device,
        wanted.devices,
        compiled=wanted.compiled,
    )
    train(config, job, on_event, stop)
    if torch.distributed.is_initialized() and torch.distributed.get_rank() > 0:
        raise SystemExit(0)  # the first of several processes does the rest
    held_out = _calibration_set(wanted, scheme)
    if held_out is not None and not stop():
        calibrate_model(job.model_folder, held_out, wanted.device, stop=stop)
    publish_folder(job.model_folder, wanted.out)
    return read_card(wanted.out)


def _scheme_of(wanted: FolderTraining, parent: ModelEntry | None) -> str:
    """What was asked for; `studio-89` without a version is the parent's, where it has a parent of that name."""
    known = parent.card.scheme if parent else DEFAULT_SCHEME
    return known if wanted.scheme in (None, known.partition("@")[0]) else str(wanted.scheme)


def _config(wanted: FolderTraining) -> TrainingConfig:
    """The recipe with the budgets asked for."""
    config = replace(recipe(wanted.recipe, wanted.recipes), seed=wanted.seed)
    if wanted.batch is not None:
        config = replace(config, batch=wanted.batch)
    if wanted.blend is not None:
        config = replace(config, blend=wanted.blend)
    return config.with_budget(wanted.steps, wanted.minutes)


class Subjects:
    """The samples of a source whose subject is wanted; it grows with the source."""

    def __init__(self, source: PictureFolder | FramesSource, wanted: Callable[[str], bool]) -> None:
        self._source, self._wanted = source, wanted
        self._indices: list[int] = []
        self._seen = 0
        self._take()

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> Sample:
        return self._source[self._indices[index]]

    def clip(self, index: int, count: int) -> list[Sample]:
        """See `TakeSource`: a take is of one subject, so all of it is wanted."""
        return self._source.clip(self._indices[index], count)

    def refresh(self) -> None:
        """Looks for samples that came since."""
        self._source.refresh()
        self._take()

    def describe(self) -> dict[str, Any]:
        """The source's own words with the counts of this part."""
        subjects = self._source.subjects
        kept = {subjects[index] for index in self._indices}
        return {**self._source.describe(), "frames": len(self), "subjects": len(kept)}

    def _take(self) -> None:
        subjects = self._source.subjects
        self._indices += [i for i in range(self._seen, len(subjects)) if self._wanted(subjects[i])]
        self._seen = len(subjects)


def is_held_out(subject: str) -> bool:
    """Whether a subject is kept out of training where no validation folder is named; the same on every machine."""
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:4], "big") % _HELD_OUT == 0


def _sources(
    wanted: FolderTraining, scheme: LandmarkScheme, longest: int
) -> tuple[SampleSource, SampleSource]:
    """What to learn from and what to measure on, in pictures of at most `longest` pixels."""
    folders = [(_source(path, scheme, longest), weight) for path, weight in wanted.data]
    if wanted.validation is not None:
        return Mixture(folders), _source(wanted.validation, scheme, longest)
    training = [(Subjects(folder, lambda name: not is_held_out(name)), weight) for folder, weight in folders]
    return Mixture(training), Mixture([(Subjects(folder, is_held_out), weight) for folder, weight in folders])


def _source(folder: Path, scheme: LandmarkScheme, longest: int) -> PictureFolder | FramesSource:
    """A rendered or exported set as it is; of folders of `.pts` files, such as 300-W and 300-VW, the faces cut out."""
    annotated = any((folder / name).is_file() for name in (ANNOTATIONS, ANNOTATIONS + "l"))
    if annotated or not (holds_videos(folder) or next(pts_files(folder), None)):
        return PictureFolder(folder, scheme, longest)
    return FramesSource(evaluation_frames(folder, scheme, cut_out=True), longest)


def _calibration_set(wanted: FolderTraining, scheme: LandmarkScheme) -> EvaluationSet | None:
    """Whole frames to calibrate on, spread evenly; None where there are too few."""
    folder = wanted.validation or wanted.data[0][0]
    if not (folder / ANNOTATIONS).is_file():  # still being rendered
        return None
    if is_in_crops(folder):  # no whole frames
        return None
    data = dataset_set(folder, scheme)
    subjects = data.truth.subjects
    rows = [i for i in range(len(data.paths)) if wanted.validation is not None or is_held_out(subjects[i])]
    if len(rows) < _FEWEST:
        return None
    return data.subset(evenly(rows, _CALIBRATION_FRAMES))
