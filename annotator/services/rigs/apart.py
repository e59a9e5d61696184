"""Cameras of a rig whose frames are no moment with those of any other: their frame numbers have nothing in common."""

from collections.abc import Collection

from annotator.domain.words import counted, shell_word
from annotator.store.project_store import ProjectStore


def cameras_apart(store: ProjectStore, subject: str, take: str, cameras: Collection[str]) -> dict[str, str]:
    """Camera -> a line for people, of those `cameras` of a take of which no frame has the index of another one's.

    Where all are apart the first one is what the others are held against, and is not named.
    """
    every = store.sequences.indices_of(subject, take)
    seen = {camera: every[camera] for camera in cameras if camera in every}
    apart = [
        camera
        for camera, own in seen.items()
        if not any(set(own) & set(indices) for other, indices in seen.items() if other != camera)
    ]
    base = next((camera for camera in seen if camera not in apart), next(iter(seen), ""))
    return {camera: _line(subject, take, seen, camera, base) for camera in apart if camera != base}


def _line(subject: str, take: str, seen: dict[str, list[str]], camera: str, base: str) -> str:
    own, first = seen[camera], seen[base][0]
    name = "/".join(part for part in (subject, take) if part)
    return (
        f"{name}: {counted(len(own), 'frame')} of {camera} ({own[0]} to {own[-1]}) are no moment with those of another camera "
        f"({base}: {first} to {seen[base][-1]}). Where both begin at one moment: "
        f"annotator takes PROJECT --take {shell_word(name)} --camera {shell_word(camera)} --number-from {first}"
    )
