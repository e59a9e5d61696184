"""Rigs into a project and out of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from annotator.domain.rigs.rig import RigError
from annotator.domain.rigs.rig_values import rig_to_plain
from annotator.domain.words import counted
from annotator.rigs.files.registry import write_rig
from annotator.services.rigs.preview import RigPreview, RigWishes, preview_rigs
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig


@dataclass(frozen=True, eq=False)
class RigsImported:
    """What an import did: `added` versions, rigs that were `known` as they are, and what the preview said."""

    added: tuple[ProjectRig, ...]
    known: tuple[ProjectRig, ...]
    preview: RigPreview

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{each.label}: {counted(len(each.rig.cameras), 'camera')}" for each in self.added[:3]]
        if len(self.added) > 3:
            parts.append(f"and {len(self.added) - 3} more")
        if self.known:
            parts.append(f"{counted(len(self.known), 'rig')} known already")
        return "Imported " + ", ".join(parts) if self.added else ", ".join(parts).capitalize()

    @property
    def in_part(self) -> bool:
        """Whether something of the file was left out that is of the project's takes."""
        return bool(self.preview.refusals) or any(fit.left_out for fit in self.preview.fits)


@dataclass(frozen=True)
class RigSummary:
    """A version of a rig, for lists."""

    name: str
    version: int
    cameras: tuple[str, ...]
    takes: tuple[str, ...]
    unit_mm: float
    source: str
    added: str
    user: str


def import_rigs(
    store: ProjectStore, path: Path, wishes: RigWishes | None = None, user: str | None = None
) -> RigsImported:
    """Import what fits of a calibration; each rig becomes the next version of its name, unless it is there as it is.

    Raises:
        RigError: the file cannot be used, or everything speaks against its rigs; the reasons are told.
    """
    preview = preview_rigs(store, path, wishes)
    if not preview.importable:
        raise RigError(" ".join(preview.refusals))
    newest = {each.name: each for each in store.rigs.list()}
    plain = {name: rig_to_plain(each.rig) for name, each in newest.items()}
    new = [rig for rig in preview.importable if plain.get(rig.name) != rig_to_plain(rig)]
    known = [newest[rig.name] for rig in preview.importable if rig not in new]
    added = store.rigs.add(*new, user=user) if new else ()
    return RigsImported(added, tuple(known), preview)


def use_again(store: ProjectStore, name: str, version: int, user: str | None = None) -> ProjectRig:
    """Go back to an earlier version of a rig: it is added once more, as the newest. Raises `ProjectError` where there is none."""
    found = store.rigs.get(name, version)
    return store.rigs.add(replace(found.rig, source=f"version {version} again"), user=user)[0]


def export_rig(
    store: ProjectStore,
    path: Path,
    name: str | None = None,
    version: int | None = None,
    format_name: str | None = None,
    overwrite: bool = False,
) -> tuple[ProjectRig, str]:
    """Write a rig of the project; without a name its only one.

    Returns:
        The version that was written, and the format's title.

    Raises:
        ProjectError: there is no such rig. RigError: the format does not hold it, or `path` cannot be written.
    """
    if name is None:
        known = store.rigs.list()
        if len(known) != 1:
            names = ", ".join(each.name for each in known) or "none"
            raise RigError(f"The project has {counted(len(known), 'rig')}; name the one to export: {names}.")
        name = known[0].name
    found = store.rigs.get(name, version)
    return found, write_rig(found.rig, Path(path), format_name, overwrite, [store.path]).title


def list_rigs(store: ProjectStore, all_versions: bool = False) -> list[RigSummary]:
    """The newest version of each rig, or all of them."""
    newest = store.rigs.list()
    found = [v for each in newest for v in store.rigs.versions(each.name)] if all_versions else newest
    return [
        RigSummary(
            each.name,
            each.version,
            tuple(each.rig.cameras),
            each.rig.takes,
            each.rig.unit,
            each.rig.source,
            each.added.isoformat(timespec="seconds"),
            each.user,
        )
        for each in found
    ]
