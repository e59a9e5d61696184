"""The command: so many damaged inputs by one seed, each read under limits; counts, and a folder with those that failed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.research.bench.mutations import seeds
from annotator.research.bench.mutations.mutate import mutate, mutate_rows, mutate_table, mutate_text

SHARES = {
    "frames": 40,
    "annotations": 22,
    "projects": 14,
    "models": 8,
    "schemes": 8,
    "keymaps": 3,
    "settings": 3,
    "windows": 2,
}
"""Of a hundred inputs; `windows` are projects opened in the real window."""
_TEXTS = frozenset({".json", ".toml", ".csv", ".pts", ".ini"})
BAD = ("crash", "traceback", "hang", "memory")
_HERE = "annotator.research.bench.mutations.readers"
_WINDOW = "annotator.window_bench.mutations"
_WORKERS = {"keymaps": _WINDOW, "settings": _WINDOW, "windows": _WINDOW}


@dataclass(frozen=True)
class Damaged:
    """One input: its number (which with the seed makes it again), its kind, and where it lies."""

    number: int
    kind: str
    path: Path


def bench_mutations(
    count: int = 10_000,
    seed: int = 0,
    kinds: Sequence[str] = (),
    out: Path = Path("mutations"),
    progress: Progress = silent,
    stop: Stop = never,
) -> dict[str, Any]:
    """Read damaged inputs; a run that was stopped goes on with the same folder, seed and kinds.

    Args:
        count: how many. kinds: of `SHARES`; none takes all of them. out: takes `results.jsonl` and what failed.

    Returns:
        How many inputs of each kind came to which end, and the longest and largest of them.
    """
    strange = set(kinds) - SHARES.keys()
    if strange:
        raise AnnotatorError(f"There is no kind {', '.join(sorted(strange))}: choose of {', '.join(SHARES)}.")
    out.mkdir(parents=True, exist_ok=True)
    results = out / "results.jsonl"
    found = _known(results, seed, kinds)
    done = {result["number"] for result in found}
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        maker = Maker(folder, seed, kinds)
        workers = Workers()
        held.callback(workers.close)
        log = held.enter_context(results.open("a", encoding="utf-8"))
        for number in range(count):
            if number in done:
                continue
            if stop():
                break
            with maker.made(number) as damaged:
                answer = workers.read(damaged.kind, damaged.path)
                result = {
                    "number": number,
                    "seed": seed,
                    "kinds": list(kinds),
                    "kind": damaged.kind,
                    **answer,
                }
                if answer["outcome"] in BAD:
                    result["kept"] = _keep(damaged, out / "failures")
                else:
                    result["said"] = answer["said"][:300]
            log.write(json.dumps(result) + "\n")
            log.flush()
            found.append(result)
            progress(len(found), count, damaged.kind)
    return summary([result for result in found if result["number"] < count])


def summary(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts by kind and end, and the longest and largest."""
    kinds = {
        kind: Counter(result["outcome"] for result in results if result["kind"] == kind) for kind in SHARES
    }
    return {
        "inputs": len(results),
        "kinds": {kind: dict(counts) for kind, counts in kinds.items() if counts},
        "bad": {end: sum(counts[end] for counts in kinds.values()) for end in BAD},
        "longest_seconds": max((result["seconds"] for result in results), default=0.0),
        "most_memory": max((result["memory"] for result in results), default=0),
    }


class Maker:
    """Makes the damaged input of a number: the same for the same seed, whatever was made before."""

    def __init__(self, folder: Path, seed: int, kinds: Sequence[str] = ()) -> None:
        self._folder, self._seed = folder, seed
        self._kinds = [kind for kind in SHARES if not kinds or kind in kinds]
        shares = np.array([SHARES[kind] for kind in self._kinds], np.float64)
        self._shares = shares / shares.sum()
        sound = folder / "sound"
        frames = seeds.make_frames(sound / "frames")
        project = seeds.make_project(sound / "project", sound / "frames")
        for name in ("annotations", "model", "schemes", "keymaps", "settings"):
            (sound / name).mkdir()
        self._sound = {
            "frames": frames,
            "projects": [project],
            "windows": [project],
            "annotations": seeds.make_annotations(sound / "annotations", project),
            "models": seeds.make_model(sound / "model") if "models" in self._kinds else [],
            "schemes": seeds.make_schemes(sound / "schemes"),
            "keymaps": seeds.make_keymaps(sound / "keymaps"),
            "settings": list(seeds.make_settings(sound / "settings")),
        }
        self._bytes = {kind: [path.read_bytes() for path in paths] for kind, paths in self._sound.items()}

    @contextmanager
    def made(self, number: int) -> Iterator[Damaged]:
        """The input of a number, in a folder of its own that is gone afterwards."""
        random = np.random.default_rng((self._seed, number))
        kind = str(random.choice(self._kinds, p=self._shares))
        with tempfile.TemporaryDirectory(dir=self._folder) as own:
            place = Path(own) / "input"
            place.mkdir()
            yield Damaged(number, kind, self._make(kind, place, random))

    def _make(self, kind: str, place: Path, random: np.random.Generator) -> Path:
        which = self._which(kind, random)
        source, data = self._sound[kind][which], self._bytes[kind][which]
        path = place / source.name
        if kind == "models":
            for other in self._sound[kind]:
                shutil.copy(other, place)
        if kind == "windows":
            shutil.copytree(source.parent / "captures", place / "captures")
        if kind in ("projects", "windows") and random.random() < 0.75:
            path.write_bytes(data)
            mutate_rows(path, random)
            return path
        by_field = None
        if path.suffix in (".json", ".toml") and random.random() < 0.6:
            by_field = mutate_table(data.decode("utf-8"), path.suffix == ".json", random)
        elif path.suffix in _TEXTS and random.random() < 0.7:
            by_field = mutate_text(data, random)
        path.write_bytes(mutate(data, self._bytes[kind], random) if by_field is None else by_field)
        if path.suffix == ".safetensors" and random.random() < 0.7:
            _bless(place, path)
        return path

    def _which(self, kind: str, random: np.random.Generator) -> int:
        """A sound input to begin with: each ending as often as the others."""
        endings = [path.suffix for path in self._sound[kind]]
        wanted = str(random.choice(sorted(set(endings))))
        return int(random.choice([place for place, ending in enumerate(endings) if ending == wanted]))


class Workers:
    """The reading processes, one a module, started when they are first needed and again after a crash."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[str]] = {}

    def read(self, kind: str, path: Path) -> dict[str, Any]:
        """What becomes of an input."""
        module = _WORKERS.get(kind, _HERE)
        if module not in self._running:
            limits = {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            command = [sys.executable, "-m", module]
            self._running[module] = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, **limits},
            )
        child = self._running[module]
        if child.stdin is None or child.stdout is None:
            raise AssertionError("pipes were asked for")
        child.stdin.write(json.dumps({"kind": kind, "path": str(path)}) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
        if not line:
            raise AnnotatorError(f"The reader of {kind} ended at {path}.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End them."""
        for child in self._running.values():
            child.kill()
            child.wait()


def _known(results: Path, seed: int, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """What an earlier run with the same seed and kinds found; a line that was cut off is read again."""
    found = []
    for line in results.read_text(encoding="utf-8").splitlines() if results.is_file() else ():
        try:
            result = json.loads(line)
        except ValueError:
            continue
        if result["seed"] == seed and result["kinds"] == list(kinds):
            found.append(result)
    return found


def _keep(damaged: Damaged, folder: Path) -> str:
    """Copy what failed, with what lay beside it."""
    kept = folder / f"{damaged.kind}-{damaged.number}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(damaged.path.parent, kept)
    return str(kept.name)


def _bless(place: Path, weights: Path) -> None:
    """Put the damaged weights' own hash into the card, so that they are read beyond it."""

    card = place / "model.toml"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    card.write_text(re.sub(r'sha256 = "\w+"', f'sha256 = "{digest}"', card.read_text("utf-8")), "utf-8")
