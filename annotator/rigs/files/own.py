"""Our own JSON (schema 1): the rig as a project keeps it, in the house's convention, with takes, unit and notes."""

from __future__ import annotations

import json
from pathlib import Path

from annotator.domain.rigs.rig import Rig
from annotator.domain.rigs.rig_values import KIND, rig_from_plain, rig_to_plain
from annotator.files import atomic_file
from annotator.rigs.files.source import Source


class OwnJson:
    """Nothing is lost in it."""

    name = "annotator"
    title = "Annotator JSON"
    extensions: tuple[str, ...] = (".json",)
    writes = True
    convention = "The first pixel's centre is at (0.5, 0.5), as everywhere in Annotator."

    def recognises(self, source: Source) -> bool:
        """It says so itself."""
        values = None if source.path.is_dir() else source.json()
        return isinstance(values, dict) and values.get("kind") == KIND

    def read(self, source: Source) -> tuple[Rig, ...]:
        """One rig."""
        return (rig_from_plain(source.json()),)

    def write(self, rig: Rig, path: Path) -> None:
        """Bit by bit."""
        with atomic_file(path) as staged:
            staged.write_text(json.dumps(rig_to_plain(rig), indent=1) + "\n", encoding="utf-8")
