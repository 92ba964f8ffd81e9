"""One direction's controls: live and final moves, keys, wheel, reset, hold, and the words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.api import DirectionInfo
from app.views import terms
from app.views.slider_row import STEPS, SliderRow

NOSE = DirectionInfo(
    "nose_width", "nose_width", "nose", -3.0, 3.0, "sd", "narrow", "wide", quality=0.9,
    side_effects=(("mouth", 0.8), ("age", 0.4), ("lips", 0.1)),
)  # fmt: skip
AGE = DirectionInfo("age", "age", "whole", -20.0, 40.0, "years", holistic=True)


@pytest.fixture
def row(qtbot: QtBot) -> Iterator[SliderRow]:
    """The nose's row on screen, and what it told, in ``row.told``."""
    shown = SliderRow(NOSE)
    qtbot.addWidget(shown)
    shown.resize(520, 56)
    shown.told = []  # type: ignore[attr-defined]
    shown.moved.connect(lambda *told: shown.told.append(told))  # type: ignore[attr-defined]
    with qtbot.waitExposed(shown):
        shown.show()
    yield shown
    shown.settle()
    shown.hide()


def told(row: SliderRow) -> list[tuple[str, float, bool]]:
    """What the row told so far."""
    return row.told  # type: ignore[attr-defined, no-any-return]


def handle(row: SliderRow) -> QPoint:
    """The middle of the handle."""
    return row.slider._handle().center()


def test_dragging_is_live_and_letting_go_is_final(row: SliderRow, qtbot: QtBot) -> None:
    start = handle(row)
    qtbot.mousePress(row.slider, Qt.MouseButton.LeftButton, pos=start)
    for step in (10, 20, 30):
        qtbot.mouseMove(row.slider, start + QPoint(step, 0))
    assert told(row)
    assert not any(final for _, _, final in told(row))
    qtbot.mouseRelease(row.slider, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 0))
    name, amount, final = told(row)[-1]
    assert (name, final) == ("nose_width", True)
    assert amount > 0
    assert [f for _, _, f in told(row)].count(True) == 1


def test_a_click_beside_the_handle_jumps_there(row: SliderRow, qtbot: QtBot) -> None:
    there = QPoint(row.slider.width() - 20, row.slider.height() // 2)
    qtbot.mouseClick(row.slider, Qt.MouseButton.LeftButton, pos=there)
    assert row.amount > 2.5
    assert told(row)[-1][2]


def test_arrow_keys_step_and_shift_makes_them_fine(row: SliderRow, qtbot: QtBot) -> None:
    row.slider.setFocus()
    qtbot.keyClick(row.slider, Qt.Key.Key_Right)
    coarse = row.amount
    qtbot.keyClick(row.slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    fine = row.amount - coarse
    assert 0 < fine < coarse
    qtbot.keyClick(row.slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert row.amount == pytest.approx(coarse)


def test_a_key_let_go_is_one_final_move(row: SliderRow, qtbot: QtBot) -> None:
    row.slider.setFocus()
    for _ in range(4):
        qtbot.keyPress(row.slider, Qt.Key.Key_Right)
    assert not any(final for _, _, final in told(row))
    qtbot.keyRelease(row.slider, Qt.Key.Key_Right)
    assert [f for _, _, f in told(row)].count(True) == 1


def test_the_wheel_sleeps_until_the_slider_has_the_focus(row: SliderRow, qtbot: QtBot) -> None:
    def turn() -> None:
        at = QPointF(row.slider.rect().center())
        event = QWheelEvent(
            at, QPointF(row.slider.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(row.slider, event)

    row.hold.setFocus()
    turn()
    assert row.amount == 0
    row.slider.setFocus()
    turn()
    assert row.amount > 0


def test_a_wheel_move_becomes_final_by_itself(row: SliderRow, qtbot: QtBot) -> None:
    row.slider.setFocus()
    row.slider.setValue(row.slider.value() + 7)
    assert not told(row)[-1][2]
    qtbot.waitUntil(lambda: told(row)[-1][2], timeout=2000)


def test_a_double_click_asks_for_reset(row: SliderRow, qtbot: QtBot) -> None:
    row.show_amount(1.5)
    with qtbot.waitSignal(row.reset_asked) as asked:
        qtbot.mouseDClick(row.slider, Qt.MouseButton.LeftButton, pos=handle(row))
    assert asked.args == ["nose_width"]


def test_reset_is_offered_only_where_something_was_moved(row: SliderRow) -> None:
    assert not row.reset.isEnabled()
    row.show_amount(1.2)
    assert row.reset.isEnabled()
    row.show_amount(1.2, origin=1.2)
    assert not row.reset.isEnabled()


def test_a_held_slider_does_not_move_and_says_so(row: SliderRow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(row.hold_asked) as asked:
        row.hold.click()
    assert asked.args == ["nose_width", True]
    row.show_amount(0.5, held=True)
    assert not row.slider.isEnabled()
    assert row.hold.text() == "Held"
    row.show_amount(0.5, held=False)
    assert row.slider.isEnabled()
    assert row.hold.text() == "Hold"


def test_showing_an_amount_tells_nobody(row: SliderRow) -> None:
    row.show_amount(-2.0, held=True)
    assert row.amount == pytest.approx(-2.0, abs=6 / STEPS)
    assert not told(row)


def test_a_slider_under_the_hand_is_left_alone(row: SliderRow, qtbot: QtBot) -> None:
    qtbot.mousePress(row.slider, Qt.MouseButton.LeftButton, pos=handle(row))
    qtbot.mouseMove(row.slider, handle(row) + QPoint(40, 0))
    there = row.amount
    row.show_amount(-3.0)
    assert row.amount == there
    qtbot.mouseRelease(row.slider, Qt.MouseButton.LeftButton)


def test_zero_is_exactly_zero_where_the_range_is_lopsided(qtbot: QtBot) -> None:
    row = SliderRow(AGE)
    qtbot.addWidget(row)
    assert row.amount == 0.0
    row.slider.setValue(STEPS)
    assert row.amount == 40.0
    assert row.value.text() == "+40 years"
    row.settle()


def test_the_words_say_ends_and_side_effects(row: SliderRow) -> None:
    assert (row.name.text(), row.low.text(), row.high.text()) == ("Nose width", "narrow", "wide")
    assert row.effects == "Nose width: also moves mouth (clearly), age (a little)"
    assert row.slider.accessibleName() == "Nose width"
    assert "narrow" in row.slider.accessibleDescription()
    assert "mouth" in row.slider.accessibleDescription()
    assert row.hold.accessibleName() == "Hold: Nose width"


def test_side_effects_by_direction_are_said_by_attribute_and_once() -> None:
    others = (
        DirectionInfo("hair_color_red", "hair_color", "hair", -3, 3, quality=0.2),
        DirectionInfo("hair_color_brown", "hair_color", "hair", -3, 3, quality=0.6),
        DirectionInfo("hair_color_black", "hair_color", "hair", -3, 3, quality=0.7),
        DirectionInfo("beard_stubble", "beard", "jaw", -3, 3, quality=0.7),
    )
    own = DirectionInfo(
        "wrinkles", "wrinkles", "skin", -3, 3, quality=0.6,
        side_effects=(("hair_color_red", 2.0), ("hair_color_brown", 1.3),
                      ("hair_color_black", 1.2), ("beard_stubble", 0.9)),
    )  # fmt: skip
    said = terms.side_effects_label(own, others)
    assert said == "Wrinkles: also moves hair colour (strongly), beard (clearly)"
    effects = (("hair_color_red", 2.0), ("hair_color_brown", 0.1))
    only_poor = DirectionInfo("jaw", "jaw", "jaw", -3, 3, side_effects=effects)
    assert terms.side_effects_label(only_poor, others) == ""


def test_a_weak_slider_says_so(qtbot: QtBot) -> None:
    hat = DirectionInfo("hat", "hat", "accessories", -3, 3, "sd", "none", "hat", quality=0.2)
    row = SliderRow(hat)
    qtbot.addWidget(row)
    assert row.weakness.text() == "Weak in this model."


def test_directions_without_a_low_end_are_named_by_their_value() -> None:
    red = DirectionInfo("hair_color_red", "hair_color", "hair", -3, 3, "sd", "", "red")
    assert terms.direction_label(red) == "Hair colour: red"
    assert terms.short_direction_label(red) == "red"
    assert terms.end_labels(red) == ("less", "more")
    high = DirectionInfo("eyebrow_height", "eyebrows", "eyebrows", -3, 3)
    assert terms.direction_label(high) == "Eyebrow height"


def test_the_wheel_steps_and_shift_makes_it_fine(row: SliderRow, qtbot: QtBot) -> None:
    row.slider.setFocus()
    start = row.slider.value()

    def turn(notches: float, fine: bool = False) -> None:
        delta = QPoint(round(120 * notches), 0) if fine else QPoint(0, round(120 * notches))
        keys = Qt.KeyboardModifier.ShiftModifier if fine else Qt.KeyboardModifier.NoModifier
        middle = QPointF(row.slider.rect().center())
        QApplication.sendEvent(row.slider, QWheelEvent(
            middle, row.slider.mapToGlobal(middle), QPoint(), delta, Qt.MouseButton.NoButton,
            keys, Qt.ScrollPhase.NoScrollPhase, False,
        ))  # fmt: skip

    turn(2)
    assert row.slider.value() == start + 10
    turn(-1, fine=True)
    assert row.slider.value() == start + 9
    for _ in range(4):  # a touch pad turns by small parts of a notch
        turn(0.25)
    assert row.slider.value() == start + 14
