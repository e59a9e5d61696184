"""A small project on frames that need not exist, for tests of what goes in and out of projects."""

from pathlib import Path

from annotator.domain.capture import Frame
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.store.project_store import ProjectStore

IBUG = load_scheme("ibug-68")
L = IBUG.size
PATHS = ("anna/left.jpg", "anna/right.jpg", "bo/left.jpg", "bo/right.jpg")


def project(folder: Path, name: str = "p", paths: tuple[str, ...] = PATHS) -> ProjectStore:
    store = ProjectStore.create(folder / f"{name}.annotator", IBUG, folder)
    store.frames.add(Frame(0, path, path.split("/")[-2], "", Path(path).stem, "", 400, 300) for path in paths)
    return store
