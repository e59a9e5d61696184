"""The Time menu: playing the take, its in and out, from key to key, tracking."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QInputDialog

from annotator.ui.commands.command import Command, on_frame
from annotator.ui.commands.desk import Desk
from annotator.ui.common.arrangement import TIMELINE
from annotator.ui.common.plain import plain
from annotator.ui.dialogs.track import TrackDialog


def _play(desk: Desk, direction: int = 0) -> None:
    """A hand that holds a point lets go before frames pass by."""
    playback = desk.session.time.playback
    if not playback.speed:
        desk.session.end_gestures()
    if direction:
        playback.faster(direction)
    else:
        playback.toggle()


def _key(desk: Desk, backwards: bool) -> None:
    if not desk.session.time.take.next_key(backwards):
        desk.say(f"No {'earlier' if backwards else 'later'} frame of this take has landmarks that you set")


def _has_place(desk: Desk) -> bool:
    """Whether the frame has its place in a take; else it is said why not."""
    take = desk.session.time.take
    if take.place >= 0:
        return True
    left_out = {} if take.state is None else take.state.sequence.left_out
    why = left_out.get(take.seen_id, "This frame is in no take, or its take is still being read")
    desk.session.message.emit("info", why)
    return False


def _range(desk: Desk, first: bool) -> None:
    take = desk.session.time.take
    state = take.state
    if not _has_place(desk) or state is None:
        return
    number = int(state.sequence.numbers[take.place])
    if first:
        take.set_range(number, state.settings.last)
    else:
        take.set_range(state.settings.first, number)


def _track(desk: Desk, forward: bool) -> None:
    selected = tuple(sorted(desk.session.selection.indices)) or None
    time = desk.session.time
    if not _has_place(desk):
        return
    time.tracking.on_from(time.take.place, forward, selected, desk.options.value.track_in_space)


def _track_range(desk: Desk) -> None:
    state = desk.session.time.take.state
    if state is None:
        _has_place(desk)
        return
    selected = tuple(sorted(desk.session.selection.indices))
    tracking, options = desk.session.time.tracking, desk.options
    rig = tracking.rig()
    dialog = TrackDialog(state, selected, rig, options.value.track_in_space, desk.window)
    if dialog.exec():
        if rig is not None:
            options.update(track_in_space=dialog.in_space.isChecked())
        tracking.over_range(dialog.wishes(), options.value.track_in_space)


def _number(desk: Desk) -> None:
    """Asks for the number of the camera's first frame in this take."""
    time = desk.session.time
    state = time.take.state
    if state is None or time.take.place < 0:
        desk.session.message.emit("info", "This frame is in no take, or its take is still being read")
        return
    sequence = state.sequence
    first = desk.session.store.frames.get(int(sequence.frame_ids[0]))
    question = (
        f"Number that the first frame of {sequence.name} gets, with as many digits as the other cameras' (1001, 000001).\n"
        "Frames of a rig's cameras are one moment where their numbers are the same."
    )
    number, taken = QInputDialog.getText(desk.window, "Number the frames", plain(question), text=first.index)
    if taken:
        wanted = desk.session.numbering.renumber(sequence, number.strip())
        if wanted is not None and not wanted.new:
            desk.say(wanted.text)


_PLAYING = (
    Command(
        "play",
        "Time",
        "Play or stop",
        ("Ctrl+Space",),
        "play",
        run=_play,
        tip="Play or stop; on the timeline also Space",
    ),
    Command(
        "play_forward",
        "Time",
        "Play forward",
        icon="fast-forward",
        run=lambda desk: _play(desk, 1),
        tip="Play forward, again: twice as fast; L on the timeline",
    ),
    Command(
        "play_backward",
        "Time",
        "Play backward",
        icon="rewind",
        run=lambda desk: _play(desk, -1),
        tip="Play backward, again: twice as fast; J on the timeline",
    ),
    Command(
        "play_stop",
        "Time",
        "Stop",
        run=lambda desk: desk.session.end_gestures(),
        tip="Stop; K on the timeline",
    ),
    Command(
        "set_in",
        "Time",
        "The take begins here",
        run=lambda desk: _range(desk, True),
        tip="In: play and track from here; I on the timeline",
        before=True,
    ),
    Command(
        "set_out",
        "Time",
        "The take ends here",
        run=lambda desk: _range(desk, False),
        tip="Out: play and track up to here; O on the timeline",
    ),
    Command(
        "clear_range",
        "Time",
        "The whole take",
        run=lambda desk: desk.session.time.take.set_range(None, None),
        tip="No in and no out",
    ),
)

_SEEN = (
    Command(
        "trail",
        "View/Time",
        "Motion trail",
        ("Shift+V",),
        "path",
        checkable=True,
        option="trail",
        tip="The way of the selected landmarks through the frames before (blue) and after this one",
    ),
    Command(
        "onion",
        "View/Time",
        "Onion skin",
        ("Ctrl+Shift+V",),
        "stack",
        checkable=True,
        option="onion",
        tip="Where the landmarks are in the frame before (blue) and in the next one",
    ),
    Command(
        "time_curves",
        "View/Time",
        "Curves of x and y",
        ("Alt+7",),
        "chart-line",
        checkable=True,
        option="time_curves",
        part=TIMELINE,
        tip="The selected landmarks' x and y over time, below the timeline, with keys to drag",
    ),
)
# a point can be held meanwhile
SEE_TIME: tuple[Command, ...] = tuple(replace(row, in_gesture=True) for row in _SEEN)

TIME: tuple[Command, ...] = on_frame(
    *(replace(row, in_gesture=True) for row in _PLAYING),
    Command(
        "next_key",
        "Time",
        "Next key",
        ("Ctrl+PgDown",),
        "skip-forward",
        run=lambda desk: _key(desk, False),
        before=True,
    ),
    Command(
        "previous_key",
        "Time",
        "Previous key",
        ("Ctrl+PgUp",),
        "skip-back",
        run=lambda desk: _key(desk, True),
    ),
    Command(
        "track_forward",
        "Time",
        "Track forward",
        ("]",),
        "arrow-line-right",
        run=lambda desk: _track(desk, True),
        repeats=False,
        before=True,
        tip="From this key on, the selected landmarks, else all, each until it stops being sure",
    ),
    Command(
        "track_backward",
        "Time",
        "Track backward",
        ("[",),
        "arrow-line-left",
        run=lambda desk: _track(desk, False),
        repeats=False,
        tip="Back from this key, the selected landmarks, else all, each until it stops being sure",
    ),
    Command("track_range", "Time", "Track a range…", icon="path", run=_track_range, repeats=False),
    Command(
        "track_in_space",
        "Time",
        "Track by all cameras of the rig",
        icon="cube",
        checkable=True,
        option="track_in_space",
        tip="Where the take has a rig, tracking goes over all of its cameras at once, in space; off: this camera alone",
    ),
    Command(
        "number_frames",
        "Time",
        "Number the frames…",
        icon="list-numbers",
        run=_number,
        repeats=False,
        before=True,
        tip="Other numbers for this camera's frames of the take, so that they are one moment with those of other cameras",
    ),
)
