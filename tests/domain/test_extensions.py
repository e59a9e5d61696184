"""What installed packages add: the example of the documentation, and packages that are broken."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from project_files import IBUG, project

import annotator
from annotator.cli.main import main
from annotator.domain import edits
from annotator.domain.extensions import extensions, faults, look_again
from annotator.domain.schemes.scheme_file import available_schemes, load_scheme
from annotator.formats.registry import format_in, format_named, formats
from annotator.services.doctor import diagnose
from annotator.services.models.registry import available_models
from annotator.services.project.queue.queues import Queue, all_queues, parse_queue, read_queue
from annotator.store.history.changes import Change
from annotator.training.recipes import recipe
from tests.formats.test_tools import view

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "extension"


def install(folder: Path, name: str, points: dict[str, dict[str, str]]) -> None:
    """What an installer leaves of a package: its metadata with the entry points."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in own.items())
        for group, own in points.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, which Python looks into."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    look_again()
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("annotator_points", "broken"):
            del sys.modules[name]
    look_again()


def test_the_example_adds_a_format_a_scheme_a_recipe_and_models(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    about = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    install(site, about["name"], about["entry-points"])
    look_again()
    eyes = load_scheme("eyes-4@1")
    assert "eyes-4@1" in available_schemes()
    dataset = view(eyes, missing=False)
    format_named("points").write(dataset, site / "a.txt")
    assert format_in(site / "a.txt").name == "points"
    read = format_in(site / "a.txt").read(site / "a.txt", eyes)
    assert [frame.path for frame in read.frames] == [item.frame.path for item in dataset.frames]
    assert abs(read.frames[0].xy - dataset.frames[0].annotation.xy).max() < 1e-3
    assert recipe("points-quick").steps == 200
    assert available_models()
    assert faults() == {}


def test_the_examples_queue_is_one_of_ours(
    site: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    about = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    install(site, about["name"], about["entry-points"])
    look_again()
    with project(tmp_path) as store:
        before = store.annotations.get(2)
        after, _ = edits.apply(edits.move([IBUG.index("chin")], [[5.0, 6.0]]), before)
        store.annotations.commit(Change(2, before, after, "Move"))
        assert list(all_queues())[-1] == "no-chin"
        page = read_queue(store, parse_queue("no-chin"), 2)
        assert [(item.frame.id, item.reason, item.landmarks) for item in page.items] == [
            (1, "nobody set the chin", (IBUG.index("chin"),)),
            (3, "nobody set the chin", (IBUG.index("chin"),)),
        ]
        assert (page.total, page.queue.heading) == (3, "Chin not set")
        path = store.path
    assert main(["status", str(path), "--queue", "no-chin"]) == 0
    with annotator.open(path) as scripted:
        assert [entry.frame.id for entry in scripted.queue("no-chin")] == [1, 3, 4]


def test_a_queue_that_fails_says_so_and_leaves_the_others(site: Path, tmp_path: Path) -> None:
    (site / "broken.py").write_text(
        "class Bad:\n    heading, how = 'Bad', 'by nothing'\n    def frames(self, store):\n"
        "        yield 99, 'no such frame', (), 0\n        yield 1, 'x', ('ear', 'chin'), 2\n"
        "        if store.scheme.size == 68:\n            raise KeyError('x')\n"
    )
    install(
        site,
        "broken",
        {"annotator.queues": {"bad": "broken:Bad", "uncertain": "broken:Bad", "no": "sys:path"}},
    )
    look_again()
    with project(tmp_path) as store:
        page = read_queue(store, parse_queue("bad"))
        assert (page.items, page.total) == ((), 0)
        assert page.why == "The queue Bad of an installed package failed: KeyError: 'x'"
        assert parse_queue("uncertain") is Queue.UNCERTAIN
    assert "no queue: it lacks heading" in faults()["queues: no"]


def test_a_broken_package_is_left_out_and_told(site: Path) -> None:
    (site / "broken.py").write_text("there = 'nowhere'\nnothing = 3\n\ndef recipes():\n    return '.'\n")
    install(
        site,
        "broken",
        {
            "annotator.formats": {
                "gone": "not_there:Format",
                "nothing": "broken:nothing",
                "coco": "broken:nothing",
            },
            "annotator.schemes": {"nowhere": "broken:there"},
            "annotator.models": {"number": "broken:nothing"},
        },
    )
    look_again()
    assert "gone" not in formats()
    assert format_named("coco").title == "COCO keypoints"
    assert load_scheme("ibug-68").size == 68
    assert available_models()
    assert set(faults()) == {
        "formats: gone",
        "formats: nothing",
        "formats: coco",
        "schemes: nowhere",
        "models: number",
    }
    told = {check.name: check.value for check in diagnose() if check.area == "extensions"}
    assert "ModuleNotFoundError" in told["formats: gone"]
    assert "not there" in told["schemes: nowhere"]


def test_a_recipe_of_a_package_replaces_none(site: Path) -> None:
    (site / "own").mkdir()
    (site / "own" / "default.toml").write_text("steps = 1\n")
    (site / "broken.py").write_text(f"folder = {str(site / 'own')!r}\n")
    install(site, "broken", {"annotator.recipes": {"own": "broken:folder"}})
    look_again()
    assert recipe("default").steps != 1
    assert "recipes: own" in faults()
    assert extensions("recipes") == {}
