"""What the documents name is there: files of the tree, pictures, pages and their headings."""

import re
import tomllib
from pathlib import Path

import pytest

from annotator.cli.main import command_names
from annotator.domain.assets import DISTRIBUTION

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [
    *DOCS,
    *(ROOT / name for name in ("README.md", "CONTEXT.md", "CHANGELOG.md")),
    *sorted((ROOT / "models").glob("*/README.md")),
]
NAMING = [
    ROOT / name for name in ("docs/house.md", "docs/method.md", "docs/studio.md", "README.md", "CONTEXT.md")
]
ELSEWHERE = set(
    re.findall(r'^    "([\w-]+\.md)":', (ROOT / "docs" / "site_pages.py").read_text(), re.MULTILINE)
)
"""Pages of the site alone, made of files outside of docs."""
FOLDERS = {"docs/studio.md": "annotator/studio"}
"""What the paths of a page start in, where that is neither the root nor the package."""

_CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.(?:py|toml|md|glsl|safetensors)|[\w-]+(?:/[\w-]+)*/")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def prose(page: Path) -> str:
    """A page without its code blocks, whose commands name files that readers have or make."""
    return _CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def named_files(page: Path) -> list[str]:
    return [span for span in _SPAN.findall(prose(page)) if _FILE.fullmatch(span)]


def is_there(name: str, page: Path) -> bool:
    """A path must lie below the root, the package or the page's own folder; a bare file name anywhere in the repository."""
    starts = (ROOT, ROOT / "annotator", ROOT / FOLDERS.get(name_of(page), "."))
    if any((start / name).exists() for start in starts):
        return True
    places = ("annotator", "resources", "models", "docs", "tests")
    return "/" not in name and any(next((ROOT / place).rglob(name), None) for place in places)


def anchors(page: Path) -> set[str]:
    """The headings as links name them."""
    titles = [title.replace("`", "").lower() for title in _HEADING.findall(prose(page))]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


MADE_BY_USERS = {"scheme.toml", "site/"}


@pytest.mark.parametrize("page", NAMING, ids=name_of)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    missing = [name for name in named_files(page) if name not in MADE_BY_USERS and not is_there(name, page)]
    assert not missing


def test_the_house_names_files() -> None:
    assert len(named_files(ROOT / "docs" / "house.md")) > 100


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(page)):
        target, _, heading = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        outside = page.parent == ROOT / "docs" and target in ELSEWHERE
        if not outside and (not file.exists() or (heading and heading not in anchors(file))):
            broken.append(link)
    assert not broken


def test_every_page_has_a_place_on_the_site() -> None:
    written = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r": ([\w-]+\.md)$", written, re.MULTILINE))
    assert listed == {page.name for page in DOCS} | ELSEWHERE


def test_every_command_is_in_the_table_of_the_headless_page() -> None:
    page = (ROOT / "docs" / "headless.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE))
    assert command_names() <= named


def test_nobody_is_sent_to_the_other_project_of_our_name() -> None:
    """`annotator` on the package index is not ours: a line that installs from there names our package, a file or a folder."""
    name = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    assert name == DISTRIBUTION != "annotator"
    installs = re.compile(
        r"\b(?:pip|pipx|uv tool) install\b[^\n`]*?[ '\"]annotator(?=[\s'\"`\[]|$)", re.MULTILINE
    )
    for file in [*PAGES, *(ROOT / "annotator").rglob("*.py")]:
        lines = installs.findall(file.read_text(encoding="utf-8"))
        assert not lines, file
    assert installs.search("pip install annotator") is not None
