"""Takes a picture of every page, driving the real window through one practice sitting.

    QT_QPA_PLATFORM=offscreen python scripts/screenshots.py [--out DIR] [--size 1366x768]
        [--themes light,dark] [--language en] [--text-scale 100] [--pages round,refine] [--fake]

Pictures are named {page}_{theme}.png. With a bundled model the faces are its own; without one, or
with --fake, they are drawn by the tests' fake engine and clearly no faces of a model.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer  # noqa: E402
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.engine.api import Engine  # noqa: E402
from app.models.interview import QUESTIONS  # noqa: E402
from app.models.round import Answer  # noqa: E402
from app.models.session import Stage  # noqa: E402
from app.models.settings import Settings  # noqa: E402
from app.views.launch import make_application, make_window  # noqa: E402
from app.views.refine_page import ON_TOP, PART, WHOLE  # noqa: E402
from app.views.region_bar import PARTS  # noqa: E402
from app.views.window import Window  # noqa: E402
from scripts import picture_samples  # noqa: E402

WORDS = (
    "He was a white man, about forty, with short dark brown hair and bushy eyebrows. "
    "His face was narrow, maybe a bit of stubble, no beard. A big nose. He wore a cap."
)
WAIT_MS = 120_000


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Run the event loop until something holds; RuntimeError after two minutes."""
    loop, clock = QEventLoop(), QElapsedTimer()
    clock.start()
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if holds() or clock.elapsed() > WAIT_MS else None)
    timer.start(20)
    loop.exec()
    if not holds():
        raise RuntimeError(f"waited in vain for {what}")


def settle(ms: int = 900) -> None:
    """Let timers and thumbnails come to rest."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def engine_factory(fake: bool) -> Callable[[], Engine]:
    """The real engine where it and a bundled model exist, else the tests' fake."""
    if not fake and (ROOT / "resources/models/default/model.toml").is_file():
        from app.engine.service import EngineService

        return lambda: EngineService()
    from tests.views.fakes import FakeEngine

    return lambda: FakeEngine()


def pages(window: Window) -> Iterator[str]:
    """Drive one sitting; stops at every page with its name."""
    controller = window.controller
    yield "start"
    controller.start_practice()
    wait_until(lambda: controller.case is not None, "the practice case")
    wait_until(lambda: controller.model_state != "loading", "the model")
    for question in QUESTIONS:
        if question.key != "could_recognise":
            controller.set_eligibility(question.key, question.values[0])
    settle(200)
    yield "interview"
    controller.set_eligibility("could_recognise", "yes")
    controller.set_recall(WORDS)
    controller.confirm_recall()
    wait_until(lambda: bool(controller.session.description.attributes), "the description")
    settle(200)
    yield "description"
    controller.confirm_all()
    yield from _rounds(window)
    yield from _refinement(window)
    yield from _end(window)


def _next_round(window: Window) -> None:
    window.controller.offer_round()
    wait_until(lambda: window.controller.session.open_round is not None, "an array")
    settle(200)


def _rounds(window: Window) -> Iterator[str]:
    controller = window.controller
    controller.go(Stage.round)
    _next_round(window)
    page = window.current_page
    page.gallery.toggle(1)
    page.gallery.toggle(4)
    settle(200)
    yield "round"
    page.options.blur_on.setChecked(True)
    page.options.ranked.setChecked(True)
    settle(200)
    yield "round_blurred"
    page.options.blur_on.setChecked(False)
    page.options.simplified.setChecked(True)
    settle(200)
    yield "round_simplified"
    page.options.simplified.setChecked(False)
    page.options.ranked.setChecked(False)
    controller.answer_round(Answer.picked, (1, 4))
    _next_round(window)


def _refinement(window: Window) -> Iterator[str]:
    controller = window.controller
    controller.use_portrait(0)
    wait_until(lambda: controller.session.stage is Stage.refine, "the refine page")
    page = window.current_page
    wait_until(lambda: page.compare.now is not None, "the portrait")
    liked = [n for n in ("sex", "nose_width", "eyebrows") if n in page.rows]
    moving = [n for n, row in page.rows.items() if row.direction.unit == "sd"]
    names = list(dict.fromkeys([*liked, *moving]))[:3]
    for name, share in zip(names, (-0.3, 0.3, 0.3), strict=False):
        row = page.rows[name]
        end = row.direction.high if share > 0 else -row.direction.low
        controller.set_edit(name, share * end, final=True)
        portrait = controller.session.portrait
        wait_until(lambda p=portrait: controller.was_shown(p), "the edited portrait")
        settle(1100)  # longer than what merges two moves into one step
    controller.set_hold("age", True)
    controller.undo()
    controller.set_hold("age", True)
    settle()
    page.rows[names[0]].slider.setFocus()
    yield "refine"
    page.side_by_side.setChecked(True)
    settle(200)
    yield "refine_compare"
    page.side_by_side.setChecked(False)
    yield from _added(window)
    controller.accept_portrait()


def _added(window: Window) -> Iterator[str]:
    """A change of one part, and things put on the portrait."""
    controller, page = window.controller, window.current_page
    page.set_mode(PART)
    controller.overlays.paint_region(PARTS["mouth"])
    next(iter(page.rows.values())).slider.setFocus()
    settle()
    yield "refine_part"
    page.set_mode(ON_TOP)
    page.overlays.groups.setCurrentIndex(2)
    for count, name in enumerate(("scar", "cap"), 1):
        controller.overlays.add(name)
        wait_until(lambda n=count: len(controller.session.overlays) == n, "the overlay")
    settle(1500)
    yield "refine_layers"
    page.set_mode(WHOLE)
    settle()


def _end(window: Window) -> Iterator[str]:
    controller = window.controller
    wait_until(lambda: controller.session.stage is Stage.validation, "the judgement page")
    page = window.current_page
    page.rating.choose(4)
    page.rating.remark.setPlainText("The eyes are right. His chin was broader.")
    settle(200)
    yield "confirm"
    page.rating.keep.click()
    wait_until(lambda: controller.session.stage is Stage.export, "the export page")
    settle(200)
    with tempfile.TemporaryDirectory() as folder:
        done: list[object] = []
        controller.exporter.done.connect(done.append)
        controller.exporter.ended.connect(lambda: done.append(None))
        page.export.destination.setText(f"{folder}/portrait-practice.zip")
        page.export.start()
        wait_until(lambda: bool(done), "the export")
        settle(200)
    yield "export"
    yield from _starts(window)
    controller.take_break()
    settle(200)
    yield "break"
    controller.resume()


def _starts(window: Window) -> Iterator[str]:
    """The other starting points, with generated faces as photo, sketch and video."""
    desk, starts, session = window.desk, window.starts, window.controller.session
    recipes = (*session.rounds[0].faces, *session.rounds[-1].faces)
    faces = [f for f in map(window.controller.known_face, recipes) if f is not None]
    window.show_starts()
    with tempfile.TemporaryDirectory() as folder:
        desk.open_picture(str(picture_samples.photo(faces[3], Path(folder) / "phone.png")))
        wait_until(lambda: desk.result is not None, "the encoded face")
        settle(300)
        yield "start_photo"
        starts.photo.blend.click()
        wait_until(lambda: starts.between.strip.faces, "the steps between")
        starts.between.strip.gallery.toggle(2)
        settle(300)
        yield "start_between"
        starts.show_kind("sketch")
        drawing = picture_samples.sketch(faces[5], Path(folder) / "sketch.png")
        desk.open_picture(str(drawing), "sketch")
        wait_until(lambda: starts.sketch.picture.has_picture, "the sketch")
        for box in starts.sketch.colours.values():
            box.setCurrentIndex(4)
        starts.sketch.draw.click()
        wait_until(lambda: starts.sketch.possible.faces, "faces for the sketch")
        settle(300)
        yield "start_sketch"
        starts.show_kind("video")
        pair = (faces[0], faces[7])
        desk.open_video(str(picture_samples.video(pair, Path(folder) / "clip.avi")))
        wait_until(lambda: starts.video.tiles, "the persons of the video")
        for tile in starts.video.tiles[0][:2]:
            tile.setChecked(True)
        settle(300)
        yield "start_video"
    window.leave_starts()


def take(window: Window, file: Path) -> None:
    """One picture of the window; six bits a colour, which nobody sees, keep it small."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    values = np.frombuffer(image.bits(), np.uint8)
    values[:] = (values & 0xFC) | (values >> 6)
    image.save(str(file), "PNG", 0)


def sitting(app: QApplication, theme: str, args: argparse.Namespace, fake: bool) -> None:
    """One whole sitting in one theme, a picture at every page."""
    settings = Settings(theme=theme, language=args.language, text_scale=args.text_scale)
    window = make_window(app, engine_factory(fake), settings, None)
    width, height = (int(n) for n in args.size.split("x"))
    window.controller.problem.connect(lambda error: print(f"problem: {error}", file=sys.stderr))
    window.resize(width, height)
    window.show()
    window.controller.start_engine()
    wanted = set(args.pages.split(",")) if args.pages else None
    for name in pages(window):
        if wanted is None or name in wanted:
            take(window, args.out / f"{name}_{theme}.png")
            print(f"{name}_{theme}.png")
    window.controller.shut_down()
    window.hide()
    window.deleteLater()


def main() -> int:
    """Every page in every asked theme."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "resources/screenshots")
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--language", default="en")
    parser.add_argument("--text-scale", type=int, default=100)
    parser.add_argument("--pages", default="")
    parser.add_argument("--fake", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    app = make_application(["screenshots"])
    for theme in args.themes.split(","):
        sitting(app, theme, args, args.fake)
    return 0


if __name__ == "__main__":
    sys.exit(main())
