"""The sample project: what a new user meets at the first start."""

from pathlib import Path

import platformdirs

from annotator.domain.assets import DEFAULT_SCHEME, asset
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.reader import probe
from annotator.services.models.active_model import ensure_active_model
from annotator.store.file.errors import StoreWriteError
from annotator.store.project_store import ProjectStore

PROJECT_NAME = "samples.annotator"
_TOKENS = 3
"""Samples lie in `subject/take/camera.jpg`."""


def sample_folder() -> Path:
    """Where the shipped sample captures lie."""
    return asset("resources/samples")


def ensure_sample_project(directory: Path | None = None, samples: Path | None = None) -> Path:
    """Make the sample project, or bring an existing one up to date, and return its file.

    The captures are referenced where they were installed and never copied. An existing project keeps everything that
    was done in it: only frames and models that this version brings anew are added.

    Args:
        directory: where the project file lies; None takes the user's data folder (`annotator` in it).
        samples: folder of the captures; None takes the shipped ones.

    Raises:
        ProjectError: there are no samples, the folder cannot be written, or a file of that name is no project.
    """
    folder = Path(directory) if directory else platformdirs.user_data_path("annotator", appauthor=False)
    source = samples or sample_folder()
    project = folder / PROJECT_NAME
    if not project.exists():
        _make(project, source)
    _bring_up_to_date(project, source)
    return project


def sample_frames(folder: Path) -> list[Frame]:
    """The captures of a sample folder in the order of their paths; tokens come from `subject/take/camera.jpg`.

    Raises:
        FrameReadError: a file is no image.
    """
    frames = []
    for file in sorted(folder.rglob("*.jpg")):
        info = probe(file)
        relative = file.relative_to(folder)
        tokens = (*relative.parts[:-1], relative.stem)
        subject, take, camera = tokens[:_TOKENS] if len(tokens) >= _TOKENS else ("", "", relative.stem)
        frames.append(Frame(0, relative.as_posix(), subject, take, camera, "", info.width, info.height))
    return frames


def _make(project: Path, source: Path) -> None:
    """Make the project; one that appeared meanwhile is left as it is."""
    frames = sample_frames(source)
    if not frames:
        raise ProjectError(
            f"There are no sample captures in {source}. Repair the installation: annotator doctor"
        )
    try:
        project.parent.mkdir(parents=True, exist_ok=True)
        with ProjectStore.making(project, load_scheme(DEFAULT_SCHEME), source) as store:
            store.frames.add(frames)
            ensure_active_model(store)
    except (OSError, ProjectError) as error:
        if not project.exists():
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise ProjectError(
                f"{project} cannot be made: {why}. Choose another folder: annotator sample FOLDER"
            ) from error


def _bring_up_to_date(project: Path, source: Path) -> None:
    """Add what this version brings and the project lacks; a project that cannot be written stays as it is."""
    with ProjectStore.open(project) as store:
        try:
            _follow_the_installation(store, source)
            if source.is_dir():
                known = store.frames.by_path()
                new = [frame for frame in sample_frames(source) if frame.path not in known]
                if new:
                    store.frames.add(new)
            ensure_active_model(store)
        except StoreWriteError:
            return


def _follow_the_installation(store: ProjectStore, source: Path) -> None:
    """Point a project whose captures went away (Annotator was moved or installed anew) at the present samples."""
    if not store.frames.capture_root.is_dir() and source.is_dir():
        store.frames.relink(source)
