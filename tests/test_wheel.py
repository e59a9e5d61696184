"""A wheel built from the repository works elsewhere: schemes, samples and models travel inside, and `uv` and `pipx` install it by
the lines of the documentation."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
INSTALL_PAGE = ROOT / "docs" / "install.md"
NAME = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
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
print(len(list(asset("resources/heads").glob("*.npz"))))
for model in available_models():
    print(load_model(model.folder, "cpu")[1].id)
"""


def documented(marker: str) -> str:
    """The command of the page on installing that has this marker."""
    found = re.search(
        rf"<!-- wheel: {marker} -->\n```sh\n(.*?)\n```", INSTALL_PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the line of the page on installing."""
    folder = tmp_path_factory.mktemp("dist")
    arguments = shlex.split(documented("build").replace("dist", shlex.quote(str(folder))))[1:]
    built = run([sys.executable, "-m", "pip", "--quiet", *arguments], os.environ)
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("*.whl")
    return made


def run(
    command: list[str], environment: "os._Environ[str] | dict[str, str]", cwd: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=cwd, env=dict(environment), capture_output=True, text=True, check=False
    )


def check_contents(told: str, resources: Path) -> None:
    """What `SCRIPT` printed in an installed Annotator."""
    where, schemes, samples, recipes, heads, *models = told.splitlines()
    assert Path(where) == resources
    assert schemes == "['ibug-68@1', 'studio-89@1', 'studio-89@2'] 89"
    assert int(samples) >= 6
    assert recipes == "True"
    assert int(heads) == 3
    assert "starter" in models


@pytest.mark.slow
def test_a_wheel_carries_schemes_samples_and_models(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    assert (site / "annotator" / "evaluation" / "report.html").is_file()
    done = run([sys.executable, "-P", "-c", SCRIPT], os.environ | {"PYTHONPATH": str(site)}, tmp_path)
    assert done.returncode == 0, done.stderr
    check_contents(done.stdout, site / "annotator" / "_shipped" / "resources")


@pytest.fixture(scope="module")
def installers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs with `uv` and `pipx`, in an environment of their own."""
    folder = tmp_path_factory.mktemp("installers")
    run([sys.executable, "-m", "venv", str(folder)], os.environ)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    done = run([str(programs / "python"), "-m", "pip", "install", "--quiet", "uv", "pipx"], os.environ)
    if done.returncode:
        pytest.skip(f"uv and pipx cannot be had here: {done.stderr.strip().splitlines()[-1]}")
    return programs


def with_wheels_at_hand(command: str) -> str:
    """The command with a folder of wheels (`PIP_FIND_LINKS`) in place of PyTorch's index, where that cannot be reached."""
    try:
        urllib.request.urlopen(f"{TORCH_INDEX}/torch/", timeout=20).close()
        return command
    except (urllib.error.URLError, OSError):
        links = os.environ.get("PIP_FIND_LINKS", "")
        if not any("+cpu" in path.name for path in Path(links).glob("torch-*.whl")):
            pytest.skip(f"neither {TORCH_INDEX} nor a CPU build of torch in PIP_FIND_LINKS")
        instead = f"--find-links {links}"
        return command.replace("--torch-backend cpu", instead).replace(
            f"--extra-index-url {TORCH_INDEX}", instead
        )


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("installer", ["uv", "pipx"])
def test_the_documented_line_installs_into_an_empty_environment(
    installer: str, wheel: Path, installers: Path, tmp_path: Path
) -> None:
    line = with_wheels_at_hand(documented(installer))
    named = re.search(r"dist/(\S+\.whl)", line)
    assert named is not None
    assert named[1] == wheel.name
    command = shlex.split(line.replace(named[0], shlex.quote(str(wheel))))
    bare = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    places = {
        "UV_TOOL_DIR": tmp_path / "tools",
        "UV_TOOL_BIN_DIR": tmp_path / "bin",
        "UV_PYTHON": sys.executable,
        "PIPX_HOME": tmp_path / "tools",
        "PIPX_BIN_DIR": tmp_path / "bin",
        "PIPX_MAN_DIR": tmp_path / "man",
        "PIPX_DEFAULT_PYTHON": sys.executable,
    }
    bare |= {name: str(place) for name, place in places.items()}
    done = run([str(installers / command[0]), *command[1:]], bare)
    assert done.returncode == 0, done.stderr
    program = tmp_path / "bin" / "annotator"
    version = run([str(program), "--version"], bare, tmp_path)
    assert version.stdout.split() == ["annotator", wheel.name.split("-")[1]], version.stderr
    (python,) = tmp_path.glob(f"tools/**/{NAME}/bin/python")
    told = run([str(python), "-c", SCRIPT], bare, tmp_path)
    assert told.returncode == 0, told.stderr
    (resources,) = (tmp_path / "tools").rglob("_shipped/resources")
    check_contents(told.stdout, resources)
    torch = run([str(python), "-c", "import torch; print(torch.__version__)"], bare, tmp_path)
    assert torch.stdout.strip().endswith("+cpu")
    sample = run([str(program), "sample", str(tmp_path / "sample")], bare, tmp_path)
    assert sample.returncode == 0, sample.stderr
    assert Path(sample.stdout.strip()).is_file()
