"""A rendered set with the truth of several schemes: one set of pictures, a file of annotations each."""

import json
from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.errors import FormatError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.dataset_folder import read_dataset_folder
from annotator.studio.dataset.dataset import render_dataset
from annotator.studio.dataset.jobs import RenderOptions
from annotator.studio.errors import StudioError
from annotator.training.dataset_folder import PictureFolder

BOTH = RenderOptions((3,), cameras="random:1", size=256, crops=True, scheme="studio-89@2", also=("ibug-68",))
FIRST, SECOND, IBUG = (load_scheme(name) for name in ("studio-89@1", "studio-89@2", "ibug-68"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, renderer):
    out = tmp_path_factory.mktemp("both")
    render_dataset(out, BOTH)
    return out


def test_each_scheme_is_read_from_its_own_file(folder):
    told = {scheme.id: read_dataset_folder(folder, scheme).dataset.frames[0] for scheme in (SECOND, IBUG)}
    ours, theirs = told[SECOND.id].xy, told[IBUG.id].xy
    for place, index in SECOND.ibug68.items():
        np.testing.assert_allclose(theirs[IBUG.ibug68[place]], ours[index], atol=2e-3)
    assert np.isfinite(theirs).all(1).sum() > 60


def test_training_reads_either_while_the_set_is_rendered_and_after(folder):
    for whole in (True, False):
        if not whole:
            for file in folder.glob("annotations*.json"):
                file.unlink()
        for scheme in (SECOND, IBUG):
            assert PictureFolder(folder, scheme)[0].xy.shape == (scheme.size, 2)
        with pytest.raises(FormatError, match="annotator convert"):
            PictureFolder(folder, FIRST)


def test_a_set_goes_on_in_its_own_scheme_only(tmp_path, renderer):
    older = replace(BOTH, scheme="studio-89@1", also=())
    render_dataset(tmp_path, older)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["options"]["scheme"] == "studio-89@1"
    manifest["options"]["scheme"] = "studio-89"  # as it was written before there were versions
    del manifest["options"]["also"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert render_dataset(tmp_path, older).skipped == 1
    with pytest.raises(StudioError, match="scheme"):
        render_dataset(tmp_path, replace(older, scheme="studio-89@2"))
