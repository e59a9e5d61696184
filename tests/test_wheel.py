"""A wheel built from the repository works elsewhere: schemes, samples and models travel inside."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = """
from annotator.domain.assets import asset
from annotator.domain.schemes.scheme_file import available_schemes, load_scheme
from annotator.nn.checkpoint import load_model
from annotator.services.models.registry import available_models
from annotator.training.recipes import recipe_files
print(asset("resources"))
print(sorted(available_schemes()), load_scheme("studio-89").size)
print(len(list(asset("resources/samples").rglob("*.jpg"))))
print("finetune" in recipe_files())
for model in available_models():
    print(load_model(model.folder, "cpu")[1].id)
"""


@pytest.mark.slow
def test_a_wheel_carries_schemes_samples_and_models(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(ROOT),
    ]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("annotator-*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    assert (site / "annotator" / "evaluation" / "report.html").is_file()
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, schemes, samples, recipes, *models = done.stdout.splitlines()
    assert Path(where) == site / "annotator" / "_shipped" / "resources"
    assert schemes == "['ibug-68@1', 'studio-89@1', 'studio-89@2'] 89"
    assert int(samples) >= 6
    assert recipes == "True"
    assert "starter" in models
