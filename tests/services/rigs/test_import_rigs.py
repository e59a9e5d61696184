"""Calibrations into a project and out: what fits, what is refused and why, and that it agrees with people's points."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rig_project import NAMES, SIZE, make_project, make_rig, place, renamed, seen

from annotator.domain.assets import asset
from annotator.domain.errors import ProjectError
from annotator.domain.rigs.rig import RigError
from annotator.domain.rigs.rig_values import rig_to_plain
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.rigs.files.registry import read_rigs, write_rig
from annotator.services.project.import_annotations import import_annotations
from annotator.services.project.sample_project import sample_frames
from annotator.services.rigs.preview import RigWishes, preview_rigs
from annotator.services.rigs.transfer import export_rig, import_rigs, list_rigs
from annotator.services.takes.renumber import renumber
from annotator.store.project_store import ProjectStore

RIG = make_rig()


def write(folder: Path, rig=RIG, name: str = "calib.json") -> Path:
    write_rig(rig, folder / name, overwrite=True)
    return folder / name


def test_a_rig_is_imported_under_the_projects_names(tmp_path: Path) -> None:
    file = write(tmp_path, renamed(RIG, front="CAM_Front", left="Left"))
    with make_project(tmp_path) as store:
        preview = preview_rigs(store, file)
        assert store.rigs.list() == ()
        (fit,) = preview.fits
        assert [(c.named, c.camera, c.why) for c in fit.cameras] == [
            ("CAM_Front", "front", ""), ("Left", "left", ""), ("right", "right", ""),
        ]  # fmt: skip
        assert (fit.frames, fit.uncalibrated, fit.refusals) == (12, (), ())
        assert "CAM_Front = front" in fit.notes[0]
        report = import_rigs(store, file, user="ann")
        assert not report.in_part
        (kept,) = store.rigs.list()
        assert list(kept.rig.cameras) == list(NAMES)
        assert (kept.version, kept.user, kept.rig.source) == (1, "ann", "by hand")


def test_importing_the_same_again_adds_nothing_and_another_is_a_new_version(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        import_rigs(store, write(tmp_path))
        again = import_rigs(store, write(tmp_path))
        assert (again.added, [known.version for known in again.known]) == ((), [1])
        other = import_rigs(store, write(tmp_path, replace(RIG, unit=2.0)))
        assert [added.version for added in other.added] == [2]
        assert [s.version for s in list_rigs(store)] == [2]
        assert [s.version for s in list_rigs(store, all_versions=True)] == [1, 2]


def test_takes_and_name_are_a_persons_to_choose(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        report = import_rigs(store, write(tmp_path), RigWishes("tuesday", ("ben/*",)))
        assert report.preview.fits[0].frames == 6
        assert store.rigs.of_take("ada", "smile") is None
        assert store.rigs.of_take("ben", "smile").name == "tuesday"
        with pytest.raises(
            RigError, match=r"No take of the project is called cem/\*; it has ada/smile, ben/smile"
        ):
            import_rigs(store, write(tmp_path), RigWishes(takes=("cem/*",)))


def test_cameras_that_saw_no_moment_with_the_others_are_told(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        assert preview_rigs(store, write(tmp_path)).fits[0].notes == ()
        renumber(store, "ben", "smile", "right", "1001")
        (note,) = preview_rigs(store, write(tmp_path)).fits[0].notes
        assert "ben/smile: 2 frames of right (1001 to 1002)" in note
        assert "--take ben/smile --camera right --number-from 0" in note


def test_cameras_without_a_counterpart_are_told_on_both_sides(tmp_path: Path) -> None:
    with make_project(tmp_path, ("front", "left", "under")) as store:
        report = import_rigs(store, write(tmp_path))
        (fit,) = report.preview.fits
        assert report.in_part
        assert fit.left_out == {"right": "no camera of the project has such a name"}
        assert fit.uncalibrated == ("under",)
        assert list(store.rigs.list()[0].rig.cameras) == ["front", "left"]


def test_a_map_says_which_is_which(tmp_path: Path) -> None:
    with make_project(tmp_path, ("A", "B", "C")) as store:
        with pytest.raises(
            RigError, match=r"0 of the file's cameras fit.*front, left, right; the project's are A, B, C.*map"
        ):
            import_rigs(store, write(tmp_path))
        for wrong, why in (
            ({"up": "A"}, "has no camera up; it has front"),
            ({"left": "D"}, "no camera D; it has A, B"),
        ):
            with pytest.raises(RigError, match=why):
                import_rigs(store, write(tmp_path), RigWishes(mapping=wrong))
        import_rigs(store, write(tmp_path), RigWishes(mapping={"front": "C", "left": "A"}))
        cameras = store.rigs.list()[0].rig.cameras
        np.testing.assert_array_equal(cameras["C"].camera_from_world, RIG.cameras["front"].camera_from_world)


def test_another_size_is_refused_unless_it_may_be_scaled(tmp_path: Path) -> None:
    half = make_rig(size=(1024, 768))
    with make_project(tmp_path) as store:
        with pytest.raises(RigError, match=r"1024 x 768.*2048 x 1536.*allow to scale"):
            import_rigs(store, write(tmp_path, half))
        report = import_rigs(store, write(tmp_path, half), RigWishes(scale=True))
        (note,) = report.preview.fits[0].notes
        assert note == (
            "Cameras front, left, right were calibrated at 1024 x 768, their frames have 2048 x 1536; they are scaled."
        )
        for camera in store.rigs.list()[0].rig.cameras.values():
            np.testing.assert_allclose(seen(camera), seen(RIG.cameras[camera.name]))


def test_another_shape_is_refused_also_when_it_may_be_scaled(tmp_path: Path) -> None:
    turned = make_rig(size=(1536, 2048))
    with make_project(tmp_path) as store, pytest.raises(RigError, match="another shape"):
        import_rigs(store, write(tmp_path, turned), RigWishes(scale=True))


def test_a_camera_whose_frames_have_several_sizes_is_refused_until_the_takes_are_named(
    tmp_path: Path,
) -> None:
    with make_project(tmp_path) as store:
        frame = store.frames.get(1)
        store.frames.add([replace(frame, path="cy/front.jpg", subject="cy", width=640, height=480)])
        with pytest.raises(RigError, match="several sizes, 640 x 480 and 2048 x 1536"):
            import_rigs(store, write(tmp_path))
        import_rigs(store, write(tmp_path), RigWishes(takes=("ada/*", "ben/*")))


def test_peoples_points_tell_how_well_it_fits(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        for camera in RIG.cameras.values():
            place(store, f"ada/smile/{camera.name}/0.jpg", seen(camera))
        shifted = seen(RIG.cameras["left"]) + [0, 12]
        place(store, "ada/smile/left/0.jpg", shifted)
        place(store, "ada/smile/front/1.jpg", seen(RIG.cameras["front"]))  # the only view of its moment
        (fit,) = preview_rigs(store, write(tmp_path)).fits
        told = {camera.camera: camera.reprojection for camera in fit.cameras}
        assert {name: each.points for name, each in told.items()} == {"front": 68, "left": 68, "right": 68}
        assert told["left"].median > 3
        assert max(each.median for each in told.values()) < 12
        assert not fit.refusals


def test_exact_points_are_seen_where_they_are(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        for camera in RIG.cameras.values():
            place(store, f"ben/smile/{camera.name}/1.jpg", seen(camera))
        (fit,) = preview_rigs(store, write(tmp_path)).fits
        assert max(camera.reprojection.median for camera in fit.cameras) < 1e-3


def test_cameras_that_are_mixed_up_are_refused(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        for camera in RIG.cameras.values():
            place(store, f"ada/smile/{camera.name}/0.jpg", seen(camera))
        with pytest.raises(RigError, match="mixed up"):
            import_rigs(
                store,
                write(tmp_path),
                RigWishes(mapping={"left": "right", "right": "front", "front": "left"}),
            )
        assert store.rigs.list() == ()


def test_a_file_without_sizes_takes_the_projects(tmp_path: Path) -> None:
    import cv2

    storage = cv2.FileStorage(str(tmp_path / "rig.yml"), cv2.FILE_STORAGE_WRITE)
    for name, camera in RIG.cameras.items():
        storage.write(f"K_{name}", camera.matrix)
        storage.write(f"R_{name}", np.ascontiguousarray(camera.rotation))
        storage.write(f"T_{name}", camera.camera_from_world[:, 3:].copy())
    storage.release()
    with make_project(tmp_path) as store:
        import_rigs(store, tmp_path / "rig.yml")
        assert {(c.width, c.height) for c in store.rigs.list()[0].rig.cameras.values()} == {SIZE}


def test_the_samples_have_a_rig_a_take(tmp_path: Path) -> None:
    folder = asset("resources/samples")
    with ProjectStore.create(tmp_path / "s.annotator", load_scheme("studio-89"), folder) as store:
        store.frames.add(frame for frame in sample_frames(folder) if frame.subject != "subject_03032")
        report = import_rigs(store, folder / "calibration.json", RigWishes("studio"))
        assert report.preview.elsewhere == 1
        assert not report.in_part
        assert [added.name for added in report.added] == [
            "studio subject_03009/big_smile",
            "studio subject_03030/neutral",
        ]
        assert store.rigs.of_take("subject_03030", "neutral").name == "studio subject_03030/neutral"
        with pytest.raises(RigError, match="a take each"):
            import_rigs(store, folder / "calibration.json", RigWishes(takes=("*",)))


def test_a_project_without_frames_or_cameras_says_so(tmp_path: Path) -> None:
    empty = ProjectStore.create(tmp_path / "e.annotator", make_project(tmp_path).scheme, tmp_path)
    with empty as store, pytest.raises(RigError, match="no frames yet"):
        preview_rigs(store, write(tmp_path))
    (tmp_path / "b").mkdir()
    with make_project(tmp_path / "b", ("",)) as store, pytest.raises(RigError, match="read without one"):
        import_rigs(store, write(tmp_path))


@pytest.mark.parametrize("name", ["out.json", "out.yml", "out.toml", "out.xml", "out"])
def test_what_is_exported_can_be_imported(name: str, tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        import_rigs(store, write(tmp_path), RigWishes("dome"))
        found, title = export_rig(store, tmp_path / name)
        assert found.version == 1
        assert title == read_rigs(tmp_path / name).format.title
        import_rigs(store, tmp_path / name, RigWishes("again"))
        for one, other in zip(
            store.rigs.get("dome").rig.cameras.values(),
            store.rigs.get("again").rig.cameras.values(),
            strict=True,
        ):
            np.testing.assert_allclose(
                seen(one),
                seen(replace(other, distortion=np.pad(other.distortion, (0, 5 - other.distortion.size)))),
            )


def test_export_asks_which_and_never_replaces(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        with pytest.raises(RigError, match="0 rigs"):
            export_rig(store, tmp_path / "a.json")
        for name in ("dome", "booth"):
            import_rigs(store, write(tmp_path), RigWishes(name))
        with pytest.raises(RigError, match="name the one to export: dome, booth"):
            export_rig(store, tmp_path / "a.json")
        with pytest.raises(ProjectError, match="no rig attic"):
            export_rig(store, tmp_path / "a.json", "attic")
        export_rig(store, tmp_path / "a.json", "booth")
        before = (tmp_path / "a.json").read_bytes()
        with pytest.raises(RigError, match="exists already"):
            export_rig(store, tmp_path / "a.json", "dome")
        assert (tmp_path / "a.json").read_bytes() == before
        export_rig(store, tmp_path / "a.json", "dome", overwrite=True)
        assert rig_to_plain(read_rigs(tmp_path / "a.json").rigs[0])["name"] == "dome"


@pytest.mark.parametrize("name", ["out.json", "out.yml", "out.toml", "out.xml", "out"])
def test_the_truth_of_the_samples_is_seen_where_it_is_through_every_format(name: str, tmp_path: Path) -> None:
    folder = asset("resources/samples")
    with ProjectStore.create(tmp_path / "s.annotator", load_scheme("studio-89"), folder) as store:
        store.frames.add(frame for frame in sample_frames(folder) if frame.subject == "subject_03030")
        import_annotations(store, folder / "annotations.json")
        import_rigs(store, folder / "calibration.json")
        export_rig(store, tmp_path / name)
        (fit,) = preview_rigs(store, tmp_path / name).fits
        for camera in fit.cameras:
            assert camera.reprojection.points > 50
            assert camera.reprojection.median < 0.01


def test_a_rig_of_other_takes_under_the_same_name_is_told_before_it_takes_the_place(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        path = write(tmp_path)
        import_rigs(store, path, RigWishes("dome", takes=("ada/*",)))
        (note,) = preview_rigs(store, path, RigWishes("dome", takes=("ben/*",))).fits[0].notes
        assert "no longer holds for ada/smile. Give it another name to keep both." in note
        for wishes in (RigWishes("dome"), RigWishes("other", takes=("ben/*",))):
            assert preview_rigs(store, path, wishes).fits[0].notes == ()
        import_rigs(store, path, RigWishes("other", takes=("ben/*",)))
        assert [store.rigs.of_take(who, "smile").name for who in ("ada", "ben")] == ["dome", "other"]
