"""DeepLabCut's HDF5, which holds the table of its CSV as pandas writes it (extra `hdf5`).

Convention and content are those of `deeplabcut`. It is written by pandas, as DeepLabCut does it, and read by h5py alone: pandas
would run whatever code is pickled in a file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotator.domain.errors import FormatError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_file, atomic_pair
from annotator.formats.base import (
    PLAIN,
    DatasetView,
    ImportedDataset,
    WriteOptions,
    Written,
    check_target,
    manifest_of,
    manifest_text,
)
from annotator.formats.look import Look
from annotator.formats.named import Reading
from annotator.formats.tools.deeplabcut import DeepLabCut, read_table, values_of, written_table
from annotator.formats.tools.pandas_table import read_pandas_table

_KEY = "df_with_missing"


class DeepLabCutH5:
    """The HDF5 format of DeepLabCut."""

    name = "deeplabcut-h5"
    title = "DeepLabCut and Lightning Pose (HDF5)"
    extensions: tuple[str, ...] = (".h5",)
    writes_folder = False
    convention = DeepLabCut.convention
    occlusion = DeepLabCut.occlusion
    confidence = DeepLabCut.confidence
    writes = True

    def recognises(self, look: Look) -> bool:
        """An HDF5 file with a table of pandas."""
        return look.head.startswith(b"\x89HDF") and b"pandas_type" in look.head

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One file as of labelled pictures (`labeled-data`, folder, picture), with NaN for what is missing."""
        pandas = _pandas()
        check_target(dataset, path, options)
        headers, rows = written_table(dataset, options, progress, stop)
        names, values, total = [], [], 0
        for name, points in rows:
            names.append(name)
            values.append([value for point in points for value in values_of(point, headers)])
            total += sum(point is not None for point in points)
        columns = pandas.MultiIndex.from_arrays(list(headers.values()), names=list(headers))
        table = pandas.DataFrame(values, index=names, columns=columns, dtype="float64")
        written = Written((path,), len(dataset.frames), total)
        if dataset.manifest is None:
            with atomic_file(path) as staged:
                table.to_hdf(staged, key=_KEY, mode="w")
            return written
        with atomic_pair(path, manifest_of(path, in_folder=False)) as (data, about):
            table.to_hdf(data, key=_KEY, mode="w")
            about.write_text(manifest_text(dataset.manifest(written)), encoding="utf-8")
        return written

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """Labels or predictions of pictures; of several individuals a row's frame is left out, as one is held."""
        headers, rows = read_pandas_table(path)
        if "coords" not in headers or not {"bodyparts", "keypoints"} & headers.keys():
            raise FormatError(f"{path} lacks the headers bodyparts and coords; is it DeepLabCut's?")
        return read_table(Reading(path, scheme, names), headers, rows)


def _pandas() -> Any:
    try:
        import pandas
        import tables  # noqa: F401  # pandas writes by it
    except ImportError:
        raise FormatError(
            'HDF5 is written by pandas and PyTables, which are not installed: pip install "annotator-landmarks[hdf5]"'
        ) from None
    return pandas
