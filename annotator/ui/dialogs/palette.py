"""The command palette: type a few letters of any command, press Return."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.common.theme import colour, scaled

Index = QModelIndex | QPersistentModelIndex

_KEYS_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ICON, _LEFT = 16, 36  # the icon's side and where texts begin, for texts of 100 %


class _Rows(QStyledItemDelegate):
    """A command with its icon on the left and its keys on the right, all rows alike."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Of every row."""
        return QSize(100, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one row."""
        area = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, colour("selected_row"))
        mark = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(mark, QIcon):
            side = scaled(_ICON)
            mark.paint(painter, area.left() + 10, area.center().y() - side // 2, side, side)
        painter.setFont(option.font)
        line, middle = area.adjusted(scaled(_LEFT), 0, -12, 0), Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colour("dim"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | middle), index.data(_KEYS_ROLE))
        painter.setPen(colour("bright" if chosen else "text"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | middle), index.data())


class CommandPalette(QDialog):
    """Lists the enabled commands that match; runs the chosen one after it closed."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAccessibleName("Command palette")
        self.setFixedSize(scaled(520), scaled(380))
        self._actions = [action for action in actions if action.isEnabled()]
        self.search = QLineEdit()
        self.search.setPlaceholderText("Type a command")
        self.search.setAccessibleName("Command")
        self.list = QListWidget()
        self.list.setObjectName("framed")
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Rows(self))
        self.list.setAccessibleName("Matching commands")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.search)
        column.addWidget(self.list)
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list.itemActivated.connect(lambda _item: self._run())
        self.list.itemClicked.connect(lambda _item: self._run())
        self.search.returnPressed.connect(self._run)
        self._fill("")
        self.search.setFocus()  # else Return would still belong to the frame view
        if parent is not None:
            corner = parent.mapToGlobal(parent.rect().center())
            self.move(corner.x() - self.width() // 2, parent.mapToGlobal(parent.rect().topLeft()).y() + 90)

    def _fill(self, text: str) -> None:
        ranked = [(rank(text, action.text()), action) for action in self._actions]
        found = sorted((pair for pair in ranked if pair[0] is not None), key=lambda pair: pair[0] or 0)
        self.list.clear()
        for _rank, action in found:
            keys = action.shortcut().toString()
            item = QListWidgetItem(action.icon(), action.text().rstrip("…"))
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setData(_KEYS_ROLE, keys)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()} {keys}".strip())
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self) -> None:
        item = self.list.currentItem()
        self.accept()
        if item is not None:
            item.data(Qt.ItemDataRole.UserRole).trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the line move in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
                return True
        return super().eventFilter(watched, event)


def rank(typed: str, text: str) -> int | None:
    """How well a text answers what was typed (less is better); None where its letters do not come in this order."""
    letters, place, gaps = typed.casefold().replace(" ", ""), -1, 0
    folded = text.casefold()
    for letter in letters:
        following = folded.find(letter, place + 1)
        if following < 0:
            return None
        starts_word = following == 0 or folded[following - 1] == " "
        gaps += 0 if following == place + 1 or starts_word else following - place
        place = following
    return gaps
