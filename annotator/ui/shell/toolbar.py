"""The tool bar: undo, what is drawn, display controls and the active model."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QSlider, QToolBar, QWidget

from annotator.session.session import Session
from annotator.ui.commands.actions import Actions
from annotator.ui.common.theme import icon, label, scaled
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.common.widgets import slider
from annotator.ui.shell.tool_room import Step, ToolRoom, more_button, name_button

_STOPS = 0.1  # exposure slider: stops a tick
_GAMMA = 0.05
_BUTTONS = (
    ("undo", "redo"),
    ("accept", "accept_frame", "place", "occluded", "out_of_frame", "clear"),
    ("points", "curves", "ellipses", "rois", "moved", "frame_heat", "crosshair"),
    ("fit", "zoom_selection"),
)
_GIVING_WAY = (
    ("display_reset",),  # with exposure and gamma, which stay in the View menu and on their keys
    ("crosshair", "moved", "frame_heat"),
    ("points", "curves", "ellipses", "rois"),
    ("fit", "zoom_selection", "clear", "out_of_frame", "place"),
)
"""What a narrow window puts into the menu of its *More* button, the first first: the View menu has it as well, or a key."""
_TEXTED = ("propose_all", "retrain")


class MainToolBar(QToolBar):
    """Buttons of the most used commands, exposure and gamma, and the model chooser."""

    def __init__(self, session: Session, options: ViewOptions, actions: Actions) -> None:
        super().__init__("Tools")
        self.setObjectName("tools")
        self.setMovable(False)
        self.setIconSize(QSize(scaled(17), scaled(17)))
        self._session, self._options, self._actions = session, options, actions
        self._roomy: list[QAction] = []  # exposure and gamma
        for group in _BUTTONS:
            for name in group:
                self.addAction(actions[name])
            if group is not _BUTTONS[-1]:
                self.addSeparator()
        more, menu = more_button()
        self.more = menu
        more_action = self.addWidget(more)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.exposure, self._exposure_text = self._add_slider(
            "Exposure", round(-6 / _STOPS), round(6 / _STOPS)
        )
        self.gamma, self._gamma_text = self._add_slider("Gamma", round(0.3 / _GAMMA), round(3 / _GAMMA))
        self.exposure.valueChanged.connect(
            lambda value: options.update_display(exposure=round(value * _STOPS, 2))
        )
        self.gamma.valueChanged.connect(lambda value: options.update_display(gamma=round(value * _GAMMA, 2)))
        self.addAction(actions["display_reset"])
        actions["display_reset"].setIcon(icon("arrow-counter-clockwise"))
        self.addSeparator()
        self._add_model_chooser()
        for name in _TEXTED:
            self.addAction(actions[name])
        self._drop_texts(False)
        for action in self.actions():
            name_button(self, action)
        options.changed.connect(self._on_options)
        self._on_options()
        first, *others = [tuple(actions[name] for name in group) for group in _GIVING_WAY]
        steps = Step(first, parts=tuple(self._roomy)), *map(Step, others), Step(shrink=self._drop_texts)
        self._room = ToolRoom(self, more_action, menu, steps)

    def _drop_texts(self, dropped: bool) -> None:
        """The model's buttons are icons alone, or have their texts beside them."""
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        for name in _TEXTED:
            button = self.widgetForAction(self._actions[name])
            button.setToolButtonStyle(alone if dropped else beside)  # type: ignore[attr-defined]

    def _add_slider(self, name: str, low: int, high: int) -> tuple[QSlider, QLabel]:
        control = slider(name, low, high, 0, 84)
        value = label("")
        value.setFixedWidth(scaled(36))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        gap = QWidget()
        gap.setFixedWidth(4)
        for widget in (label(f"{name}  ", "dim"), control, value, gap):
            self._roomy.append(self.addWidget(widget))
        return control, value

    def _add_model_chooser(self) -> None:
        self.model = QComboBox()
        self.model.setAccessibleName("Active model")
        self.model.setToolTip("The model that proposes")
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.model.setMinimumContentsLength(10)
        self.addWidget(self.model)
        gap = QWidget()
        gap.setFixedWidth(6)
        self.addWidget(gap)
        self.model.activated.connect(self._choose_model)
        for signal in (
            self._session.models.changed,
            self._session.project_opened,
            self._session.project_closed,
        ):
            signal.connect(self._show_models)
        self._show_models()

    def _choose_model(self, _row: int) -> None:
        chosen = self.model.currentData()
        if chosen:
            self._session.models.set_active(chosen)

    def _show_models(self) -> None:
        models = list(self._session.models.all()) if self._session.is_open else []
        active = self._session.models.active if self._session.is_open else None
        with QSignalBlocker(self.model):
            self.model.clear()
            for model in reversed(models):
                self.model.addItem(model.card.title or model.id, model.id)
            if active is None:
                self.model.insertItem(0, "No model", None)
                self.model.setCurrentIndex(0)
            else:
                self.model.setCurrentIndex(self.model.findData(active.id))
        self.model.setEnabled(bool(models))

    def _on_options(self) -> None:
        display = self._options.value.display
        with QSignalBlocker(self.exposure), QSignalBlocker(self.gamma):
            self.exposure.setValue(round(display.exposure / _STOPS))
            self.gamma.setValue(round(display.gamma / _GAMMA))
        self._exposure_text.setText(f"{display.exposure:+.1f}")
        self._gamma_text.setText(f"{display.gamma:.2f}")
