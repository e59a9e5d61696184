"""One value tells whether an answer is for the project, the frame and the file that were asked about."""

import os
from dataclasses import replace
from pathlib import Path

from annotator.domain.capture import Frame
from annotator.domain.frame_key import FrameKey

FRAME = Frame(3, "a.jpg", "", "", "", "", 32, 24)


def test_a_key_follows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    unseen = FrameKey.unseen("show", FRAME, path)
    assert not unseen.now().has_file
    assert unseen.is_current
    path.write_bytes(b"1234")
    key = unseen.now()
    assert key.has_file
    assert key.nbytes == 4
    assert key.is_current
    path.write_bytes(b"12345")
    assert not key.is_current, "another length"
    path.write_bytes(b"4321")
    os.utime(path, ns=(0, key.mtime_ns + 1))
    assert not key.is_current, "another time"
    path.unlink()
    assert not key.is_current


def test_keys_of_other_projects_frames_and_sizes_differ(tmp_path: Path) -> None:
    key = FrameKey.unseen("show", FRAME, tmp_path / "a.jpg")
    others = [
        replace(key, project="other"),
        replace(key, frame_id=4),
        replace(key, width=33),
        replace(key, path="b"),
    ]
    assert len({key, *others}) == 5
    assert key.refusal(32, 24) == ""
    assert "is 24 x 32 now; it was 32 x 24 when it was imported" in key.refusal(24, 32)
