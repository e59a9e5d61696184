"""An HDF5 file of somebody else runs nothing, leads nowhere else, and is refused in words where it is damaged."""

from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import FormatError
from annotator.formats.registry import format_named
from tests.formats.format_data import IBUG
from tests.formats.test_tools import view

h5py = pytest.importorskip("h5py")
pandas = pytest.importorskip("pandas")
pytest.importorskip("tables")


def written(folder: Path, layout: str = "fixed") -> Path:
    path = folder / "a.h5"
    columns = pandas.MultiIndex.from_product(
        [["me"], IBUG.names, ["x", "y"]], names=["scorer", "bodyparts", "coords"]
    )
    values = np.arange(136.0).reshape(1, 136)
    pandas.DataFrame(values, index=["anna/1.png"], columns=columns).to_hdf(
        path, key="k", format=layout, mode="w"
    )
    assert len(read(path).frames) == 1
    return path


def read(path: Path):
    return format_named("deeplabcut-h5").read(path, IBUG)


@pytest.mark.parametrize("where", ["info", "table/values_block_0_kind"])
def test_what_is_pickled_in_a_file_is_not_run(tmp_path: Path, where: str) -> None:
    path, mark = written(tmp_path, "table"), tmp_path / "ran"
    harm = f"cos\nsystem\n(S'touch {mark}'\ntR.".encode()
    with h5py.File(path, "r+") as file:
        group, _, name = where.rpartition("/")
        (file[f"k/{group}"] if group else file["k"]).attrs[name] = np.bytes_(harm)
    with pytest.raises(FormatError, match=r"names os\.system, which is not read"):
        read(path)
    assert not mark.exists()


def test_links_out_of_the_file_are_not_followed(tmp_path: Path) -> None:
    path = written(tmp_path)
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["v"] = np.zeros((1, 136))
    with h5py.File(path, "r+") as file:
        del file["k/block0_values"]
        file["k/block0_values"] = h5py.ExternalLink(str(other), "/v")
    with pytest.raises(FormatError, match="leads out of the file"):
        read(path)


def test_a_damaged_or_foreign_file_is_refused_in_words(tmp_path: Path) -> None:
    path = written(tmp_path)
    with h5py.File(path, "r+") as file:
        del file["k/block0_values"]
        file["k/block0_values"] = np.zeros((1, 3))
    with pytest.raises(FormatError, match="do not agree"):
        read(path)
    with h5py.File(path, "r+") as file:
        del file["k/block0_values"]
        file["k"].create_dataset("block0_values", (10**6, 10**6), chunks=(1000, 1000), dtype="f8")
    with pytest.raises(FormatError, match="too large"):
        read(path)
    with h5py.File(path, "w") as file:
        file["v"] = np.zeros(3)
    with pytest.raises(FormatError, match="no table of pandas"):
        read(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FormatError, match="cannot be read"):
        read(path)


def test_proposals_alone_have_a_likelihood_and_missing_points_have_none(tmp_path: Path) -> None:
    dataset, path = view(IBUG, proposals=True), tmp_path / "a.h5"
    format_named("deeplabcut-h5").write(dataset, path)
    found = read(path).frames[0]
    assert found.confidence is not None
    assert found.confidence[5] == pytest.approx(0.25)
    assert np.isnan(found.confidence[4])
