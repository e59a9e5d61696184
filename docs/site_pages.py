"""Pages of the site that lie outside of `docs`, and links to them: used by `mkdocs build` (see mkdocs.yml)."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

OUTSIDE = {
    "changelog.md": "CHANGELOG.md",
    "words.md": "CONTEXT.md",
    "starter.md": "models/starter/README.md",
}
"""Page of the site -> file, from the root of the repository."""
_PAGE_OF = {source: page for page, source in OUTSIDE.items()}
_LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the outside files as pages."""
    root = Path(config.config_file_path).parent
    for page, source in OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(root / source)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Links between files of the repository become links between pages; others stay, and `--strict` complains of them."""
    source = OUTSIDE.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[1]))
        return f"]({_PAGE_OF.get(target, target.removeprefix('docs/'))}{link[2] or ''})"

    return _LINK.sub(moved, markdown)
