"""Colours, palette, style sheet, font and icons of the window.

One accent (blue) means *selection*; amber means *low confidence*; green, amber and red appear as fills only for
review states. Everything else is a neutral grey, so that nothing competes with the picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import qtawesome
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from annotator.domain.annotation import ReviewState
from annotator.domain.assets import asset
from annotator.ui.common.icon_engine import KeptIcon


@dataclass(frozen=True)
class Colours:
    """Named colours (``#rrggbb``) used by every widget and painter."""

    window: str = "#17181a"
    panel: str = "#1e1f22"
    raised: str = "#26282c"
    line: str = "#2f3136"
    border: str = "#3b3e44"
    hover: str = "#34373c"
    text: str = "#d3d6db"
    bright: str = "#f4f6f8"
    dim: str = "#979da6"
    faint: str = "#6b717a"
    accent: str = "#5aa9e6"
    selected_row: str = "#2a333d"
    good: str = "#6fb98f"
    warning: str = "#dba94b"
    bad: str = "#d0706a"
    canvas: str = "#101113"
    proposed: str = "#9adfd0"
    suggested: str = "#d7a6ff"


COLOURS = Colours()

REVIEW_COLOURS: dict[ReviewState, str] = {
    ReviewState.UNREVIEWED: COLOURS.faint,
    ReviewState.NEEDS_WORK: COLOURS.warning,
    ReviewState.APPROVED: COLOURS.good,
    ReviewState.REJECTED: COLOURS.bad,
}
REVIEW_TITLES: dict[ReviewState, str] = {
    ReviewState.UNREVIEWED: "Unreviewed",
    ReviewState.NEEDS_WORK: "Needs work",
    ReviewState.APPROVED: "Approved",
    ReviewState.REJECTED: "Rejected",
}

_STYLE = """
* {{ outline: none; }}
QMainWindow, QDialog, QWidget#root {{ background: {window}; }}
QWidget#panel {{ background: {panel}; border: 1px solid {line}; border-radius: 4px; }}
QLabel#heading {{ color: {dim}; font-size: 11px; font-weight: 600; letter-spacing: 0.6px; }}
QLabel#dim {{ color: {dim}; }}
QLabel#faint {{ color: {faint}; }}
QLabel#title {{ color: {bright}; font-size: 14px; font-weight: 600; }}
QLabel#badge {{ background: rgba(16, 17, 19, 205); color: {text}; border-radius: 3px; padding: 3px 7px; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {border}; padding: 4px; }}
QMenuBar {{ background: {panel}; border-bottom: 1px solid {line}; padding: 2px 6px; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 3px; background: transparent; }}
QMenuBar::item:selected {{ background: {hover}; }}
QMenu {{ background: {raised}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 5px 26px 5px 24px; border-radius: 3px; }}
QMenu::item:selected {{ background: {selected_row}; color: {bright}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 6px; }}
QMenu::icon {{ padding-left: 6px; }}
QToolBar {{ background: {panel}; border: none; border-bottom: 1px solid {line}; padding: 3px 8px; spacing: 3px; }}
QToolBar::separator {{ background: {line}; width: 1px; margin: 5px 6px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 3px; padding: 4px 6px; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:checked {{ background: {hover}; border-color: #4a4e55; color: {bright}; }}
QToolButton:disabled {{ color: {faint}; }}
QToolButton:focus, QPushButton:focus, QComboBox:focus, QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus
    {{ border-color: {accent}; }}
QPushButton {{ background: {raised}; border: 1px solid {border}; border-radius: 3px; padding: 5px 12px;
    icon-size: 16px; }}
QPushButton:hover {{ background: {hover}; }}
QPushButton:disabled {{ color: {faint}; border-color: {line}; }}
QPushButton:checked {{ background: {hover}; color: {bright}; }}
QPushButton#primary {{ background: #2c5f8a; border-color: #3a78ab; color: {bright}; }}
QPushButton#primary:hover {{ background: #346f9f; }}
QPushButton#primary:disabled {{ background: {raised}; border-color: {line}; color: {faint}; }}
QPushButton#approve:checked {{ background: #2c4a3b; border-color: #3f6b54; color: #d6efe2; }}
QPushButton#needs_work:checked {{ background: #4a3d22; border-color: #6e5a30; color: #f0dcb2; }}
QPushButton#reject:checked {{ background: #4c2c2a; border-color: #71403d; color: #f1cfcc; }}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit
    {{ background: {window}; border: 1px solid {border}; border-radius: 3px; padding: 3px 6px; min-height: 18px;
       selection-background-color: #2c5f8a; }}
/* Without arrows, a styled spin box with `NoButtons` would leave its text a single pixel. */
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button
    {{ width: 0; border: none; }}
QSpinBox QLineEdit, QDoubleSpinBox QLineEdit
    {{ border: none; background: transparent; padding: 0 0 0 4px; min-height: 0; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QComboBox QLineEdit {{ border: none; background: transparent; padding: 0; min-height: 0; }}
QComboBox::drop-down {{ border: none; width: {drop}px; }}
QComboBox::down-arrow {{ image: url("{icons}/caret-down.svg"); width: {caret}px; height: {caret}px; }}
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator
    {{ width: {box}px; height: {box}px; background: {window}; border: 1px solid #555a62; }}
QCheckBox::indicator, QAbstractItemView::indicator {{ border-radius: 3px; }}
QRadioButton::indicator {{ border-radius: {box_round}px; }}
QAbstractItemView::indicator {{ width: {tick}px; height: {tick}px; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked
    {{ background: #2c5f8a; border-color: #3a78ab; image: url("{icons}/check.svg"); }}
QRadioButton::indicator:checked {{ background: #2c5f8a; border-color: #3a78ab; image: url("{icons}/dot.svg"); }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {accent}; }}
QComboBox QAbstractItemView {{ background: {raised}; border: 1px solid {border}; }}
QListView, QTreeView, QTableView {{ background: {panel}; border: none; alternate-background-color: {panel}; }}
QListView#framed, QTreeView#framed, QTableView#framed
    {{ background: {window}; border: 1px solid {line}; border-radius: 3px; }}
QTreeView::item, QTableView::item {{ padding: 2px 4px; }}
QUndoView::item {{ padding: 3px 4px; }}
QTreeView::item:selected, QTableView::item:selected, QListView::item:selected
    {{ background: {selected_row}; color: {bright}; }}
QHeaderView::section {{ background: {panel}; color: {dim}; border: none; border-bottom: 1px solid {line};
    padding: 4px 6px; font-size: 11px; }}
QTableCornerButton::section {{ background: {panel}; border: none; }}
QTabBar::tab {{ background: transparent; color: {dim}; padding: 6px 12px; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {bright}; border-bottom-color: {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {line}; }}
QSlider:horizontal {{ min-height: 15px; }}
QSlider::groove:horizontal {{ height: 2px; background: {border}; }}
QSlider::sub-page:horizontal {{ background: #7d838c; }}
QSlider::handle:horizontal
    {{ background: {text}; width: {knob}px; height: {knob}px; margin: -{knob_over}px 0; border-radius: {knob_round}px; }}
QSlider::handle:horizontal:focus {{ background: {accent}; }}
QProgressBar {{ background: {window}; border: 1px solid {line}; border-radius: 3px; text-align: center;
    min-height: 14px; max-height: 14px; font-size: 10px; }}
QProgressBar::chunk {{ background: #356a94; border-radius: 2px; }}
QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 9px; margin: 0; }}
QScrollBar::handle {{ background: #3c3f45; border-radius: 4px; min-height: 30px; min-width: 30px; }}
QScrollBar::handle:hover {{ background: #50545b; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QSplitter::handle {{ background: {window}; }}
QSplitter::handle:hover {{ background: {border}; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {line}; color: {dim}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {dim}; padding: 0 6px; }}
QFrame#banner {{ background: #4a3d22; border-bottom: 1px solid #6e5a30; }}
QFrame#banner QLabel {{ color: #f3e3c0; }}
QFrame#notice {{ background: #22303c; border-bottom: 1px solid #31485c; }}
QFrame#notice QLabel {{ color: #cfe3f4; }}
QFrame#toast {{ background: #22303c; border: 1px solid #3d5a73; border-radius: 5px; }}
QFrame#toast QLabel {{ color: #cfe3f4; background: transparent; }}
QFrame#card {{ background: {raised}; border: 1px solid {border}; border-radius: 6px; }}
QGroupBox {{ border: 1px solid {line}; border-radius: 4px; margin-top: 16px; padding: 8px; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 4px; color: {dim}; }}
"""


class _Scale:
    """How large texts are; one for the whole application."""

    value = 1.0


def apply_theme(app: QApplication, scale: float | None = None) -> None:
    """Gives the application the Fusion style, the dark palette, the font and the style sheet; once for each scale, as all
    widgets are restyled.

    Args:
        scale: size of all texts, 1 = as made; None keeps it.
    """
    _Scale.value = _Scale.value if scale is None else scale
    icons = asset("resources/icons").as_posix()
    style = _STYLE.format(icons=icons, **COLOURS.__dict__, **_parts())
    sized = re.sub(r"(font-size|icon-size|min-height|max-height): (\d+)px", _scaled_rule, style)
    if app.styleSheet() == sized:
        return
    app.setStyle("Fusion")
    app.setPalette(_palette())
    app.setFont(ui_font(12))
    app.setStyleSheet(sized)
    app.setWindowIcon(QIcon(f"{icons}/annotator.svg"))


def _parts() -> dict[str, int]:
    """Sizes of what stands beside texts and grows with them, in px: even, so that rounds are round."""
    box, knob = (2 * round(side * _Scale.value / 2) for side in (14, 10))
    return {
        "box": box, "box_round": box // 2 + 1, "knob": knob, "knob_round": knob // 2, "knob_over": knob // 2 - 1,
        "caret": scaled(10), "drop": scaled(18), "tick": scaled(12),
    }  # fmt: skip


def _scaled_rule(rule: re.Match[str]) -> str:
    return f"{rule[1]}: {round(int(rule[2]) * _Scale.value)}px"


def scaled(pixels: float) -> int:
    """Logical pixels that grow with the texts: rows, columns and icons that hold them."""
    return round(pixels * _Scale.value)


def _palette() -> QPalette:
    c, role = COLOURS, QPalette.ColorRole
    palette = QPalette()
    for target, value in (
        (role.Window, c.panel),
        (role.Base, c.window),
        (role.AlternateBase, c.raised),
        (role.Button, c.raised),
        (role.WindowText, c.text),
        (role.Text, c.text),
        (role.ButtonText, c.text),
        (role.BrightText, c.bright),
        (role.Highlight, "#2c5f8a"),
        (role.HighlightedText, "#ffffff"),
        (role.ToolTipBase, c.raised),
        (role.ToolTipText, c.text),
        (role.PlaceholderText, c.faint),
        (role.Mid, c.line),
        (role.Dark, c.window),
        (role.Light, c.hover),
        (role.Link, c.accent),
    ):
        palette.setColor(target, QColor(value))
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(c.faint))
    return palette


@lru_cache(maxsize=1)
def _family() -> str:
    """Inter where the machine has it, else the system's own interface font."""
    if "Inter" in QFontDatabase.families():
        return "Inter"
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def ui_font(pixel_size: int, weight: int = 400) -> QFont:
    """The interface font at ``pixel_size`` pixels and an OpenType ``weight`` (400 regular, 600 semibold)."""
    font = QFont(_family())
    font.setPixelSize(max(round(pixel_size * _Scale.value), 6))
    font.setWeight(QFont.Weight(weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def colour(name: str, alpha: int = 255) -> QColor:
    """A theme colour by its field name in :class:`Colours`, with an opacity of 0..255."""
    value = QColor(getattr(COLOURS, name))
    value.setAlpha(alpha)
    return value


@lru_cache(maxsize=256)
def icon(name: str, tint: str = "text") -> QIcon:
    """A Phosphor icon such as ``"check"`` in a theme colour, brighter when on, faint when disabled."""
    drawn = qtawesome.icon(
        f"ph.{name}",
        color=getattr(COLOURS, tint),
        color_on=COLOURS.bright,
        color_disabled=COLOURS.faint,
        draw="path",  # painting glyphs as text has crashed at interpreter exit
    )
    return QIcon(KeptIcon(QIcon(drawn)))


def label(text: str, role: str = "", parent: QWidget | None = None) -> QLabel:
    """A label with a style role: ``heading``, ``dim``, ``faint``, ``title``, ``badge`` or none."""
    widget = QLabel(text, parent)
    widget.setObjectName(role)
    widget.setTextFormat(Qt.TextFormat.PlainText)
    return widget
