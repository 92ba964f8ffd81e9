"""Somebody who has never seen the program: does what the tour says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from app.models.session import Stage
from app.views.translation import tr
from app.views.window import Window

STEPS = (
    "questions", "begin", "tell", "keep", "confirm", "faces", "pick", "work", "change", "accept",
    "judge", "end",
)  # fmt: skip


class Novice:
    """Presses what the tour names in quotes, where its ring is; ``stop(name)`` at each step."""

    def __init__(
        self, window: Window, qtbot: QtBot, stop: Callable[[str], object] = lambda name: None,
        patience_ms: int = 5000,
    ) -> None:
        self.window, self.qtbot, self.stop = window, qtbot, stop
        self.patience_ms = patience_ms

    def finish(self) -> None:
        """The practice case from the start page to its end."""
        self.click(self.window.start_page.tour)
        self.wait(lambda: self.window.controller.case is not None)
        for key in STEPS:
            if key == "confirm" and self.nothing_was_read():
                continue
            self.wait(lambda k=key: self.at(k))
            self.stop(key)
            getattr(self, key)()
        assert self.window.controller.session.stage is Stage.export
        assert not self.window.tour.isVisible()

    # ---- the steps

    def questions(self) -> None:
        for row in self.window.pages[Stage.interview].questions.rows.values():  # type: ignore[attr-defined]
            assert self.at("questions")
            assert self.is_around(row)
            self.click(next(iter(row._buttons.values())))

    def tell(self) -> None:
        self.press(tr("Type an example"))

    def pick(self) -> None:
        gallery = self.window.pages[Stage.round].gallery  # type: ignore[attr-defined]
        busy = self.window.controller.jobs.is_busy
        self.wait(lambda: not busy("round") and gallery.tiles and gallery.tiles[2].isEnabled())
        self.stop(f"{self.window.tour.step}_faces")
        self.click(gallery.tiles[2])
        self.window.tour.look()
        self.press_named()
        self.wait(lambda: not busy("round"))

    work = pick

    def change(self) -> None:
        rows = self.window.pages[Stage.refine].rows  # type: ignore[attr-defined]
        self.wait(lambda: rows and self.window.pages[Stage.refine].area.isEnabled())  # type: ignore[attr-defined]
        slider = next(iter(rows.values())).slider
        self.wait(lambda: self.window.tour.look() or self.is_around(slider))
        slider.setFocus()
        self.qtbot.keyClick(slider, Qt.Key.Key_Right)

    def accept(self) -> None:
        controller = self.window.controller
        self.wait(lambda: controller.was_shown(controller.session.portrait))  # type: ignore[arg-type]
        self.press_named()

    def judge(self) -> None:
        self.click(self.window.pages[Stage.validation].rating.choices[4])  # type: ignore[attr-defined]
        self.press_named()

    def end(self) -> None:
        assert not self.window.tour.ring.isVisible()
        self.press(tr("End the tour"))

    def press_named(self) -> None:
        self.press(self.quoted())

    begin = keep = confirm = faces = press_named

    def nothing_was_read(self) -> bool:
        """Whether the words held no feature, so that there is nothing to confirm."""
        self.wait(lambda: not self.window.controller.jobs.is_busy("description"))
        self.qtbot.wait(50)
        return not self.window.controller.session.description.attributes

    # ---- hands and eyes

    def wait(self, holds: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(holds()), timeout=self.patience_ms)

    def at(self, key: str) -> bool:
        """Whether the tour is at a step now."""
        self.window.tour.look()
        return self.window.tour.step == key

    def quoted(self) -> str:
        """The button that the tour names last."""
        line = self.window.tour.line.text()
        opening, closing = ("\u201c", "\u201d") if "\u201c" in line else ("\u00ab ", " \u00bb")
        return line[line.rindex(opening) + len(opening) : line.rindex(closing)]

    def is_around(self, target: QWidget) -> bool:
        """Whether the ring is around a control."""
        ring, middle = self.window.tour.ring, target.mapTo(self.window, target.rect().center())
        return ring.isVisible() and ring.geometry().contains(middle)

    def press(self, text: str) -> None:
        """The one visible button of that text, once it can be pressed."""

        def found() -> list[QAbstractButton]:
            return [b for b in self.window.findChildren(QAbstractButton)
                    if b.text() == text and b.isVisible() and b.isEnabled()]

        self.wait(lambda: len(found()) == 1)
        self.click(found()[0])

    def click(self, widget: QWidget) -> None:
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
