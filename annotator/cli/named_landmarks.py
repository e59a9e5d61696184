"""Landmarks that a command names: landmarks or regions, comma-separated, or all."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:  # the services are loaded only when a command runs
    from annotator.domain.scheme import LandmarkScheme


def landmark_indices(scheme: "LandmarkScheme", text: str) -> tuple[int, ...] | None:
    """The landmarks that names of landmarks and regions mean; None for all."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return None
    regions = {region.name: region.indices for region in scheme.regions}
    found: dict[int, None] = {}
    for name in names:
        if name in regions:
            found.update(dict.fromkeys(regions[name]))
        elif name in scheme.names:
            found[scheme.index(name)] = None
        else:
            raise typer.BadParameter(
                f"{scheme.id} has no landmark or region {name!r}. Regions: {', '.join(regions)}."
            )
    if not found:
        raise typer.BadParameter("Name landmarks or regions, or say all.")
    return tuple(found)
