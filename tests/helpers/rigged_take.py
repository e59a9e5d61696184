"""A take of one moving face by three calibrated cameras: frames on the disk, proposals that are off in each view otherwise."""

from pathlib import Path

import numpy as np
import simplejpeg
from movie_files import write_movie
from numpy.typing import NDArray
from rig_worlds import FOCAL, SIZE, dome, face, seen_by

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import Rig
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.zoo import architecture
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("studio-89")
SIDE = 480
FRAMES = 5
RIG = dome(3, FOCAL * SIDE / SIZE, size=SIDE)
NAMES = tuple(RIG.cameras)
_FACE = face(np.random.default_rng(3), SCHEME.size) * 0.7
TRUTH = np.stack([seen_by(RIG, _FACE + [2.0 * frame, 0, 0]) for frame in range(FRAMES)], 1)
"""float64 [V, N, L, 2]."""
_OFF = np.random.default_rng(2).normal(0, 4, (len(NAMES), SCHEME.size, 2))


def frame_id(camera: int, number: int) -> int:
    """Of a camera (0, 1, 2) and a frame number (1, 2, ...): camera by camera."""
    return camera * FRAMES + number


def rigged_take(folder: Path, movies: bool = False) -> Path:
    """`ada/talk` by the cameras of `RIG`, numbers 1 to 5, model "one" active; the first frames of two views are keys. `movies`: a
    camera's frames are those of a movie."""
    captures = folder / "captures"
    captures.mkdir()
    picture = np.full((SIDE, SIDE, 3), 90, np.uint8)
    picture[::16] = 120
    data = simplejpeg.encode_jpeg(picture, quality=90)
    path = folder / "rigged.annotator"
    with ProjectStore.create(path, SCHEME, captures) as store:
        frames = []
        for name in NAMES:
            (captures / name).mkdir()
            if movies:
                write_movie(captures / name / "talk.mp4", FRAMES, size=(SIDE, SIDE))
            for number in range(1, FRAMES + 1):
                index = f"{number:06d}"
                file = f"{name}/talk.mp4/{index}" if movies else f"{name}/{index}.jpg"
                if not movies:
                    (captures / file).write_bytes(data)
                frames.append(Frame(0, file, "ada", "talk", name, index, SIDE, SIDE))
        store.frames.add(frames)
        store.models.add(ModelCard("one", SCHEME.id, architecture("tiny", SCHEME)), folder)
        store.models.activate("one")
        store.rigs.add(Rig(RIG.name, RIG.cameras, takes=("ada/talk",)))
        for camera in range(len(NAMES)):
            for number in range(1, FRAMES + 1):
                store.proposals.save(
                    frame_id(camera, number), _proposal(TRUTH[camera, number - 1] + _OFF[camera])
                )
        for camera in (0, 1):
            set_by_hand(store, camera, 1)
    return path


def set_by_hand(store: ProjectStore, camera: int, number: int) -> None:
    """A person puts the whole face of a frame where it is."""
    at = frame_id(camera, number)
    before = store.annotations.get(at)
    after = edits.apply(edits.move(range(SCHEME.size), TRUTH[camera, number - 1]), before)[0]
    store.annotations.commit(Change(at, before, after, "Move"))


def _proposal(xy: NDArray[np.float64]) -> Proposal:
    covariance = np.tile(16 * np.eye(2, dtype=np.float32), (SCHEME.size, 1, 1))
    one, none = np.ones(SCHEME.size, np.float32), np.zeros((0, 4), np.float32)
    places = xy.astype(np.float32)
    return Proposal("one", SCHEME.id, places, covariance, one, none, places, covariance, "", (), SIDE, SIDE)
