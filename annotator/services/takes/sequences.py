"""The sequences of a project: what each camera saw of each take, in the order of its frames' numbers."""

from collections import defaultdict
from dataclasses import replace

from annotator.domain.capture import Frame
from annotator.domain.takes.take import FrameSequence, TakeError, sequence_of
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.project_store import ProjectStore


def sequences(
    store: ProjectStore,
    subject: str | None = None,
    take: str | None = None,
    camera: str | None = None,
    whole: bool = False,
) -> list[FrameSequence]:
    """All sequences, or those of a subject, take or camera, in capture order; `whole`: also what lies beyond the take's range."""
    ids = store.frames.list(where=FrameFilter(subject=subject, take=take, camera=camera)).ids.tolist()
    found = {frame.id: frame for frame in store.frames.of_ids(ids)}
    groups: dict[tuple[str, str, str], list[Frame]] = defaultdict(list)
    for frame_id in ids:
        if frame_id in found:
            frame = found[frame_id]
            groups[frame.subject, frame.take, frame.camera].append(frame)
    takes = {key[:2] for key in groups}
    settings = {key: store.takes.get(*key) for key in takes}
    if whole:
        settings = {key: replace(each, first=None, last=None, handles=0) for key, each in settings.items()}
    return [sequence_of(frames, settings[key[:2]]) for key, frames in groups.items()]


def named_take(store: ProjectStore, name: str) -> tuple[str, str]:
    """The subject and take that `SUBJECT/TAKE` names; a take alone where only one subject has it.

    Raises:
        TakeError: there is none, or there are several; those that there are are named.
    """
    known = list(dict.fromkeys((shot.subject, shot.take) for shot in store.frames.shots()))
    wanted = name.strip().strip("/")
    found = [key for key in known if wanted == "/".join(part for part in key if part)]
    found = found or [key for key in known if wanted == key[1]]
    if len(found) != 1:
        names = ["/".join(part for part in key if part) or "(no name)" for key in (found or known)]
        what = "several takes" if found else "no take"
        more = ", ..." if len(names) > 10 else ""
        raise TakeError(f"The project has {what} {name!r}: {', '.join(names[:10]) or 'none at all'}{more}.")
    return found[0]
