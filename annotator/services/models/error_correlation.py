"""How a model's errors go together: the shipped knowledge of a scheme, and what a project's corrections add to it."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import asset
from annotator.domain.faces.error_correlation import ErrorPrior, measure
from annotator.domain.layers import corrections
from annotator.domain.progress import Stop, never
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_file
from annotator.store.project_store import ProjectStore

_FRAMES = 500  # so many annotated frames teach; more changes little
_LEAST_FRAMES = 5
_MOST_BYTES = 16 << 20


def shipped_prior(scheme: LandmarkScheme) -> ErrorPrior | None:
    """What the samples of the scheme's makers taught; None where nothing is shipped for it."""
    path = asset(f"resources/priors/{scheme.id}.npz")
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
        percent, frames = stored["correlation"], float(stored["frames"])
    if percent.shape != (scheme.size, scheme.size):
        return None
    return ErrorPrior(scheme.id, percent.astype(np.float32) / 100, frames)


def save_prior(prior: ErrorPrior, path: Path, frames: float | None = None) -> None:
    """Writes a prior as whole percents, such as `resources/priors/studio-89@1.npz`; `frames` gives it another weight."""
    percent = np.rint(prior.correlation * 100).astype(np.int8)
    with atomic_file(path) as staging, staging.open("wb") as file:
        np.savez_compressed(file, correlation=percent, frames=prior.frames if frames is None else frames)


def project_prior(store: ProjectStore, model_id: str, stop: Stop = never) -> ErrorPrior | None:
    """What people's corrections of a model's proposals teach; None while there are fewer than five such frames."""
    errors: list[NDArray[np.floating]] = []
    covariances: list[NDArray[np.floating]] = []
    proposed = store.proposals.frame_ids(model_id)
    for frame_id, annotation in store.annotations.items():
        if stop() or len(errors) >= _FRAMES:
            break
        if frame_id not in proposed or not annotation.is_human.any():
            continue
        proposal = store.proposals.usable(frame_id, model_id)
        if proposal is not None:
            errors.append(corrections(annotation, proposal))
            covariances.append(proposal.covariance)
    if len(errors) < _LEAST_FRAMES:
        return None
    return measure(store.scheme.id, np.stack(errors), np.stack(covariances))


def learned_prior(store: ProjectStore, model_id: str, stop: Stop = never) -> ErrorPrior | None:
    """The shipped knowledge and the project's together."""
    shipped, own = shipped_prior(store.scheme), project_prior(store, model_id, stop)
    if shipped is None or own is None:
        return shipped or own
    return shipped.with_more(own)
