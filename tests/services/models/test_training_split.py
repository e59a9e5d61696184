"""The frozen split: by subject, of a fair size, and never changing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.models.training.training_split import SETTING, frozen_split
from annotator.store.project_store import ProjectStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """An empty project."""
    with ProjectStore.create(tmp_path / "p.annotator", load_scheme("ibug-68"), tmp_path) as opened:
        yield opened


def _frames(subjects: dict[str, int], start: int = 1) -> list[Frame]:
    names = [(subject, n) for subject, count in subjects.items() for n in range(count)]
    return [Frame(start + i, f"{s}/{n}.png", s, "", "", str(n), 8, 8) for i, (s, n) in enumerate(names)]


def test_whole_subjects_are_held_back(store: ProjectStore) -> None:
    frames = _frames({f"s{i}": 4 for i in range(10)})
    split = frozen_split(store, frames)
    assert split.by == "subject"
    assert len(split.validation) == 8
    subject_of = {frame.id: frame.subject for frame in frames}
    assert not {subject_of[i] for i in split.training} & {subject_of[i] for i in split.validation}
    assert sorted(split.training + split.validation) == [frame.id for frame in frames]


def test_one_subject_is_split_by_frame(store: ProjectStore) -> None:
    split = frozen_split(store, _frames({"anna": 10}))
    assert split.by == "frame"
    assert (len(split.training), len(split.validation)) == (8, 2)


def test_decisions_stay_when_frames_come_and_go(store: ProjectStore) -> None:
    frames = _frames({f"s{i}": 3 for i in range(5)})
    first = frozen_split(store, frames)
    more = frames + _frames({f"t{i}": 3 for i in range(5)}, start=100)
    second = frozen_split(store, more)
    assert set(first.training) <= set(second.training)
    assert set(first.validation) <= set(second.validation)
    assert len(second.validation) == 6
    again = frozen_split(store, more[5:])
    assert set(again.validation) <= set(second.validation)


@pytest.mark.parametrize(("count", "held"), [(1, 0), (2, 0), (3, 1), (5, 1), (20, 4)])
def test_few_frames_all_train(store: ProjectStore, count: int, held: int) -> None:
    split = frozen_split(store, _frames({"anna": count}))
    assert (len(split.training), len(split.validation)) == (count - held, held)


def test_a_large_subject_never_takes_most_frames_away(store: ProjectStore) -> None:
    split = frozen_split(store, _frames({"anna": 30, "ben": 2, "cleo": 3}))
    assert 0 < len(split.validation) <= 5


def test_damaged_setting_is_refused(store: ProjectStore) -> None:
    store.settings.set(SETTING, {"sides": [1, 2]})
    with pytest.raises(ProjectError, match="damaged"):
        frozen_split(store, _frames({"anna": 3}))
