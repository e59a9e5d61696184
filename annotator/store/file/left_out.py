"""What of a project could not be read and was left out: told once each, so that one bad row never costs the rest."""

import logging
from collections.abc import Callable

_LOG = logging.getLogger(__name__)
_MOST = 1000


class LeftOut:
    """Remarks of one open project, oldest first; `tell` is called with each new one (None: only the log hears of it)."""

    def __init__(self) -> None:
        self.tell: Callable[[str], None] | None = None
        self._texts: dict[str, None] = {}

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that was left out so far."""
        return tuple(self._texts)

    def add(self, error: object) -> None:
        """Something was left out; the same words are told once."""
        text = str(error)
        if text in self._texts or len(self._texts) >= _MOST:
            return
        self._texts[text] = None
        _LOG.warning("%s", text)
        if self.tell is not None:
            self.tell(text)
