"""Captures with unusual names come in, both spellings of an accent are one, and a guess about layers is told."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest

from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.project.captures.import_captures import import_captures
from annotator.services.project.captures.relink import check_root
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

PIXELS = cv2.imencode(".png", np.zeros((3, 5, 3), np.uint8))[1].tobytes()


def tree(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(PIXELS)
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    (tmp_path / "captures").mkdir()
    with ProjectStore.create(
        tmp_path / "p.annotator", load_scheme("ibug-68"), tmp_path / "captures"
    ) as store:
        yield store


@pytest.mark.parametrize(
    "letters",
    [*"\u3000\u202f\u00a0\u2009\u200d\u200c\u2060\ufeff\u00ad\u2028\ue000", "\U0001f469\u200d\U0001f3a4"],
)  # fmt: skip
def test_names_with_any_letters_are_taken(store: ProjectStore, letters: str) -> None:
    path = f"anna{letters}k/t{letters}1/plate{letters}.1001.png"
    root = tree(store.frames.capture_root, path)
    summary = import_captures(store, root)
    assert (summary.added, summary.preview.unmatched_count) == (1, 0)
    frame = store.frames.list()[0].frame
    assert frame.path == path
    assert store.frames.path(frame.id).read_bytes() == PIXELS


def test_names_that_are_no_text_are_told(store: ProjectStore) -> None:
    root = tree(store.frames.capture_root, "fine.png", "line\nbreak.png")
    (Path(os.fsdecode(bytes(root) + b"/raw\xff.png"))).write_bytes(PIXELS)
    summary = import_captures(store, root)
    assert summary.added == 1
    assert [miss.reason for miss in summary.preview.unmatched] == [
        "has a name with characters that are no text; rename it"
    ] * 2


@pytest.mark.parametrize("first", ["NFC", "NFD"])
def test_both_spellings_of_an_accent_are_one_name(store: ProjectStore, first: str) -> None:
    second = "NFD" if first == "NFC" else "NFC"
    before, after = (unicodedata.normalize(form, "Zoë/prise é/0001.png") for form in (first, second))
    root = tree(store.frames.capture_root, before)
    import_captures(store, root)
    frame = store.frames.list()[0].frame
    (root / after).parent.mkdir(parents=True)
    (root / before).rename(root / after)  # as if the drive came from another system
    again = import_captures(store, root)
    assert (again.added, again.known, store.frames.count()) == (0, 1, 1)
    assert store.frames.path(frame.id).read_bytes() == PIXELS
    assert frame_key(store, frame.id).now().has_file
    assert check_root(store, root).found == 1


def test_a_guess_about_layers_is_told(store: ProjectStore) -> None:
    spec = oiio.ImageSpec(5, 3, 6, oiio.HALF)
    spec.channelnames = ("one.R", "one.G", "one.B", "two.R", "two.G", "two.B")
    out = oiio.ImageOutput.create(str(store.frames.capture_root / "a.exr"))
    assert out.open(str(store.frames.capture_root / "a.exr"), spec)
    assert out.write_image(np.zeros((3, 5, 6), np.float16))
    out.close()
    assert "one is shown" in import_captures(store, store.frames.capture_root).notes["a.exr"]
