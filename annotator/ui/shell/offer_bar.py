"""The bar that offers what is worth doing next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from annotator.domain.errors import AnnotatorError
from annotator.session.offers import Offer, Offers
from annotator.session.session import Session
from annotator.ui.common.theme import icon, label


class OfferBar(QFrame):
    """Hidden while there is nothing to offer."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.offers = Offers(session, self)
        self.setObjectName("notice")
        self.setAccessibleName("Offer of work")
        self.text = label("")
        self.text.setWordWrap(True)
        self.do, self.not_now = QPushButton(icon("sparkle"), "Do it"), QPushButton("Not now")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self.text, 1)
        row.addWidget(self.do)
        row.addWidget(self.not_now)
        self.hide()
        self.offers.changed.connect(self._show)
        self.do.clicked.connect(lambda _on: self._guarded(self.offers.accept))
        self.not_now.clicked.connect(lambda _on: self._guarded(self.offers.decline))

    def _show(self, offer: Offer | None) -> None:
        self.setVisible(offer is not None)
        if offer is not None:
            self.text.setText(offer.text)
            self.do.setText(offer.button)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except AnnotatorError as error:
            self._session.message.emit("error", str(error))
