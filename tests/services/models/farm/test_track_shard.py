"""Shards of tracking: pictures compared by many processes give the tracks of one, bit for bit, and nothing stale gets in."""

from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from moving_take import moving_take, set_key

from annotator.cli.main import main
from annotator.services.models.farm.evidence_file import EVIDENCE
from annotator.services.models.farm.merge_shards import merge_shards
from annotator.services.models.farm.propose_shard import Shard
from annotator.services.models.farm.track_shard import track_shard
from annotator.services.takes import evidence
from annotator.services.takes.sequences import sequences
from annotator.services.takes.track import TrackWishes, track_sequence, where_to_look
from annotator.store.project_store import ProjectStore

pytest.importorskip("pyarrow")
FRAMES = 40
WISHES = TrackWishes(landmarks=tuple(range(20)))


def keyed(folder: Path) -> Path:
    folder.mkdir()
    project = moving_take(folder, FRAMES, gap=(30, 31))
    with ProjectStore.open(project) as store:
        set_key(store, 1, 1, [3, 8])
        set_key(store, 20, 20, [3, 8])
    return project


def compare(project: Path, out: Path, number: int, count: int) -> tuple[int, int]:
    with ProjectStore.open(project, read_only=True) as store:
        (sequence,) = sequences(store)
        summary = track_shard(store, [where_to_look(store, sequence, WISHES)], Shard(number, count), out)
        return summary.compared, summary.known


def tracked(project: Path) -> dict[int, bytes]:
    with ProjectStore.open(project) as store:
        (sequence,) = sequences(store)
        track_sequence(store, sequence, WISHES)
        return {
            number: b"".join(part.tobytes() for part in (one.xy, one.covariance, one.state))
            for number, one in store.tracks.items(list(store.tracks.frame_ids()))
        }


def test_shards_are_one_process_and_the_smoother_reads_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tracked(keyed(tmp_path / "alone"))
    project, out = keyed(tmp_path / "farm"), tmp_path / "out"
    done = [compare(project, out, number, 3) for number in (3, 1, 2)]
    assert sum(compared for compared, _ in done) == FRAMES - 2 - 2, "neighbours, without those beside the gap"
    assert compare(project, out, 1, 1) == (0, FRAMES - 4), "however the work is cut"
    with ProjectStore.open(project) as store:
        first, again = merge_shards(store, out), merge_shards(store, out)
        assert (first.evidence, first.known, first.refused) == (FRAMES - 4, 0, {})
        assert (again.evidence, again.known) == (0, FRAMES - 4)
    monkeypatch.setattr(evidence, "pixels_of", lambda key: pytest.fail(f"{key.path} was read"))
    assert len(expected) > 30
    assert tracked(project) == expected


def test_a_picture_that_changed_is_refused_and_compared_anew(tmp_path: Path) -> None:
    project, out = keyed(tmp_path / "farm"), tmp_path / "out"
    compare(project, out, 1, 1)
    picture = tmp_path / "farm/captures/f_0005.jpg"
    picture.write_bytes(simplejpeg.encode_jpeg(np.zeros((200, 200, 3), np.uint8)))
    with ProjectStore.open(project) as store:
        summary = merge_shards(store, out)
        assert set(summary.refused) == {"f_0005.jpg", "f_0006.jpg"}
        assert compare(project, out, 1, 1) == (16, FRAMES - 4 - 16), "its block, and no other"
        assert merge_shards(store, out).evidence == 2
        set_key(store, 8, 8, [12])
    assert compare(project, out, 1, 1)[0] > 0, "points moved, so the pixels are looked at elsewhere"
    (file, *_) = sorted(out.glob(f"*{EVIDENCE}"))
    file.write_bytes(file.read_bytes()[:-30])
    with ProjectStore.open(project) as store:
        assert list(merge_shards(store, out).refused) == [file.name]


def test_the_command_divides_a_take_and_merge_takes_it_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, out = keyed(tmp_path / "farm"), str(tmp_path / "out")
    track = ["track", str(project), "--take", "ada/talk", "--quiet"]
    assert main([*track, "--shard", "1/2"]) == 2
    assert main([*track, "--shard", "1/2", "--out", out, "--no-pictures"]) == 2
    for number in (1, 2):
        assert main([*track, "--shard", f"{number}/2", "--out", out]) == 0
    with ProjectStore.open(project) as store:
        assert not store.tracks.frame_ids(), "shards write nothing into the project"
    assert main(["merge", str(project), out, "--quiet"]) == 0
    capsys.readouterr()
    assert main([*track, "--json"]) == 0
    assert '"evidence": 0' in capsys.readouterr().out
