"""Shipped files: schemes that load, samples that are there, models whose weights are the ones that their cards name."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme_file import available_schemes, load_scheme
from annotator.services.doctor.finding import Finding, Status

_AREA = "shipped files"
_REPAIR = "Repair the installation: pip install --force-reinstall --no-deps annotator"
_CARD, _WEIGHTS = "model.toml", "weights.safetensors"


def check_shipped() -> Iterator[Finding]:
    """Findings on what Annotator brings along; hashes all weights (16 MB take 0.02 s)."""
    yield from scheme_findings()
    yield samples_finding(asset("resources/samples"))
    folders = sorted(path.parent for path in asset("models").glob(f"*/{_CARD}"))
    if not folders:
        yield Finding(_AREA, "models", Status.PROBLEM, f"none in {asset('models')}", _REPAIR)
    for folder in folders:
        yield model_finding(folder)


def scheme_findings() -> Iterator[Finding]:
    """Whether every scheme that is found can be read."""
    for name, file in sorted(available_schemes().items()):
        try:
            scheme = load_scheme(file)
        except AnnotatorError as error:
            yield Finding(_AREA, f"scheme {name}", Status.PROBLEM, str(error), f"Correct or remove {file}")
        else:
            text = f"{scheme.id}: {scheme.size} landmarks, {len(scheme.regions)} regions"
            yield Finding(_AREA, f"scheme {name}", Status.OK, text)


def samples_finding(folder: Path) -> Finding:
    """Whether the sample captures are there."""
    count = sum(1 for _ in folder.rglob("*.jpg")) if folder.is_dir() else 0
    if not count:
        return Finding(_AREA, "samples", Status.PROBLEM, f"no frames in {folder}", _REPAIR)
    return Finding(_AREA, "samples", Status.OK, f"{count} frames in {folder}")


def model_finding(folder: Path) -> Finding:
    """Whether a model folder is whole: a readable card, and weights with the hash that the card names."""
    name = f"model {folder.name}"
    try:
        card = ModelCard.from_toml((folder / _CARD).read_text(encoding="utf-8"))
        weights = folder / _WEIGHTS
        with weights.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except (AnnotatorError, OSError, UnicodeDecodeError) as error:
        return Finding(_AREA, name, Status.PROBLEM, str(error), _REPAIR)
    if digest != card.sha256:
        return Finding(_AREA, name, Status.PROBLEM, f"{weights} is not what its card describes", _REPAIR)
    return Finding(
        _AREA, name, Status.OK, f"{card.scheme}, {weights.stat().st_size / 2**20:.1f} MiB, hash checked"
    )
