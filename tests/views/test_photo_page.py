"""The photo page: a face chosen and drawn; taken whole, as attributes, as a blend or a maybe."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.engine.api import EncodeFace, EnhanceFace, InterpolatePortraits
from app.models.case import CaseFacts
from app.models.export.record import portrait_record
from app.models.session import Stage
from app.views.attribute_row import AttributeRow, standing
from app.views.forms import text_label
from app.views.photo_page import PhotoPage
from app.views.window import Window
from tests.views.conftest import Wait
from tests.views.fakes import FakeEngine, recipe_of
from tests.views.picture_files import kinds, open_photo, photo, told

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def sitting(window: Window, wait: Wait) -> Window:
    return told(window, wait)


@pytest.fixture
def page(sitting: Window) -> PhotoPage:
    return sitting.starts.photo


# ------------------------------------------------------------------ the gate


def test_before_the_witness_has_told_a_gate_stands_in_front(
    window: Window, wait: Wait, tmp_path: Path
) -> None:
    window.ask_practice()
    wait(lambda: window.controller.case is not None)
    window.show_starts()
    starts = window.starts
    assert window.current_page is starts
    assert not starts.is_open
    starts.open_gate.click()
    assert starts.is_open
    assert "pictures.opened" in kinds(window)
    open_photo(window, wait, photo(tmp_path))
    assert starts.photo.drawn.pixels is not None
    assert not starts.photo.start.isEnabled()
    assert not starts.photo.attributes.isEnabled()
    assert not window.desk.start_from(starts.photo._this_face())  # type: ignore[arg-type]
    assert window.controller.session.portrait is None


def test_the_sitting_goes_on_undisturbed_beside_it(sitting: Window) -> None:
    stage, head = sitting.controller.session.stage, sitting.controller.history.head
    sitting._actions["starts"].trigger()
    assert sitting.current_page is sitting.starts
    assert sitting.rail.beside.isChecked()
    assert not sitting.strip.isVisible()
    sitting.starts.back.click()
    assert sitting.current_page is sitting.pages[stage]
    assert sitting.controller.history.head == head
    sitting.rail.beside.click()
    sitting.rail.stages[stage].click()
    assert sitting.current_page is sitting.pages[stage]


# ------------------------------------------------------------------ opening


def test_a_photo_is_kept_unaltered_before_anything_is_shown(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    path = photo(tmp_path)
    open_photo(sitting, wait, path)
    assert [k for k in kinds(sitting) if k.startswith("picture.")] == [
        "picture.added", "picture.read", "picture.encoded",
    ]  # fmt: skip
    data = path.read_bytes()
    case = sitting.controller.case
    assert case is not None
    assert case.original(hashlib.sha256(data).hexdigest()) == data
    assert "one.png" in page.status.text()
    assert page.crop.pixels is not None
    assert page.fidelity.text().startswith("The drawn face is fairly like")
    open_photo(sitting, wait, path)  # once more: it is there already
    assert kinds(sitting).count("picture.added") == 1


def test_keys_and_clicks_choose_among_the_faces(
    sitting: Window, page: PhotoPage, wait: Wait, engine: FakeEngine, tmp_path: Path, qtbot: QtBot
) -> None:
    open_photo(sitting, wait, photo(tmp_path, "two"))
    assert "2 faces" in page.picture.accessibleName()
    for act, chosen in (
        (lambda: qtbot.keyClick(page.picture, Qt.Key.Key_2), 1),
        (lambda: qtbot.keyClick(page.picture, Qt.Key.Key_Right), 0),
        (lambda: qtbot.mouseClick(
            page.picture, Left, pos=page.picture.frame_centre(1).toPoint()), 1),
    ):
        act()
        wait(lambda: sitting.desk.result is not None)
        assert page.picture.current == chosen
        assert [r for r in engine.asked if isinstance(r, EncodeFace)][-1].face == chosen
    assert page.picture.face_at(QPointF(1, 1)) is None
    assert sitting.desk.result is not None
    assert sitting.desk.result.recipe == recipe_of(1, "photo")


def test_what_is_wrong_with_a_face_is_said_in_words(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    open_photo(sitting, wait, photo(tmp_path, "poor"))
    assert page.problems.isVisible()
    for word in ("small: 14 pixels", "turned", "covered"):
        assert word in page.problems.text()
    open_photo(sitting, wait, photo(tmp_path, "one"))
    assert not page.problems.isVisible()


def test_a_picture_without_a_face_says_so_and_offers_nothing(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    open_photo(sitting, wait, photo(tmp_path, "one"))
    sitting.desk.open_picture(str(photo(tmp_path, "none")))
    wait(lambda: "No face" in page.status.text())
    assert page.crop.pixels is None
    assert not page.start.isEnabled()


def test_what_is_no_picture_is_refused_by_name_and_not_kept(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    path = tmp_path / "letter.png"
    path.write_bytes(b"Dear Sir")
    sitting.show_starts()
    sitting.desk.open_picture(str(path))
    wait(lambda: sitting.messages.text)
    assert "letter.png" in sitting.messages.text
    assert "JPEG, PNG" in sitting.messages.text
    assert "picture.added" not in kinds(sitting)


def test_a_file_that_changes_while_it_is_read_is_not_used(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    path = photo(tmp_path)
    sitting.show_starts()
    said: list[str] = []
    sitting.controller.problem.connect(lambda error: said.append(error.code))
    sitting.controller.progress.connect(
        lambda lane, step: lane == "picture" and path.write_bytes(b"another")
    )
    sitting.desk.open_picture(str(path))  # its progress is told before its end
    wait(lambda: said)
    assert said == ["media.changed"]
    assert "picture.added" not in kinds(sitting)
    assert page.crop.pixels is None


def test_a_large_original_is_written_aside_and_whatever_follows_waits_for_it(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.picture_keeping.AT_ONCE", 10)
    path, controller = photo(tmp_path), sitting.controller
    data, ordered = path.read_bytes(), []
    sitting.show_starts()

    def on_busy(lane: str, busy: bool) -> None:
        if lane == "keeping" and busy:
            ordered.append(page.status.text())
            QTimer.singleShot(0, lambda: ordered.append(str(controller.record("resumed", {}))))

    controller.busy_changed.connect(on_busy)
    sitting.desk.open_picture(str(path))
    wait(lambda: sitting.desk.result is not None)
    assert ordered == ["Writing the original into the case...", "True"]
    seen = kinds(sitting)
    assert seen.index("picture.added") < seen.index("resumed")
    assert seen.index("picture.added") < seen.index("picture.read")
    assert sitting.desk.keeper.original(hashlib.sha256(data).hexdigest()) == data
    assert controller.journal is not None
    assert hashlib.sha256(data).hexdigest() in controller.journal.foreign


def test_a_large_original_that_changed_is_refused(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.picture_keeping.AT_ONCE", 10)
    said: list[str] = []
    sitting.controller.problem.connect(lambda error: said.append(error.code))
    path = photo(tmp_path)
    sitting.controller.progress.connect(
        lambda lane, step: lane == "picture" and path.write_bytes(b"another, and a longer one")
    )
    sitting.desk.open_picture(str(path))
    wait(lambda: said)
    assert said == ["media.changed"]
    assert "picture.added" not in kinds(sitting)


def test_a_pasted_picture_is_kept_as_it_was_copied(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path, qtbot: QtBot
) -> None:
    data = photo(tmp_path, "two").read_bytes()
    mime = QMimeData()
    mime.setData("image/png", data)
    QGuiApplication.clipboard().setMimeData(mime)
    sitting.show_starts()
    qtbot.keyClick(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    wait(lambda: sitting.desk.result is not None)
    assert sitting.desk.keeper.original(hashlib.sha256(data).hexdigest()) == data
    QGuiApplication.clipboard().clear()
    page.source.paste()
    assert "no picture to paste" in sitting.messages.text


def test_a_bare_picture_and_a_file_can_be_dropped(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    sitting.show_starts()
    mime = QMimeData()
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0)
    mime.setImageData(image)
    assert page.source.take(mime)
    wait(lambda: sitting.desk.result is not None)
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(photo(tmp_path, "one")))])
    assert page.source.take(files)
    wait(lambda: "one.png" in page.status.text())
    assert not page.source.take(QMimeData())


def test_what_is_kept_can_be_opened_again_in_a_later_sitting(
    window: Window, wait: Wait, tmp_path: Path
) -> None:
    controller, path = window.controller, tmp_path / "a.ppcase"
    controller.new_case(path, "correct horse battery staple", CaseFacts("R1"))
    wait(lambda: controller.case is not None)
    window.show_starts()
    window.starts.open_gate.click()
    taken = photo(tmp_path)
    open_photo(window, wait, taken)
    data = taken.read_bytes()
    taken.unlink()
    controller.close_case()
    assert window.starts.photo.crop.pixels is None  # nothing of a closed case stays on screen
    assert not window.desk.keeper.has_copies
    wait(lambda: not controller.jobs.is_busy("closing"))
    controller.open_case(path, "correct horse battery staple")
    wait(lambda: controller.case is not None)
    assert controller.case is not None
    assert controller.case.problems == ()
    window.show_starts()
    assert not window.starts.is_open  # the gate stands again
    window.starts.open_gate.click()
    kept = window.starts.photo.source.kept
    kept.activated.emit(kept.findText("one.png"))
    wait(lambda: window.desk.result is not None)
    assert window.desk.keeper.original(hashlib.sha256(data).hexdigest()) == data


# ------------------------------------------------------------------ drawing better


def test_refining_keeps_the_best_it_found(
    sitting: Window, page: PhotoPage, wait: Wait, engine: FakeEngine, tmp_path: Path
) -> None:
    open_photo(sitting, wait, photo(tmp_path))
    page.bar.limit.setCurrentIndex(0)
    page.bar.refine.click()
    wait(lambda: sitting.desk.result and sitting.desk.result.fidelity == "close")
    asked = [r for r in engine.asked if isinstance(r, EncodeFace)][-1]
    assert (asked.seconds, asked.steps > 1000) == (15.0, True)
    assert page.fidelity.text().startswith("The drawn face is close")
    assert not page.bar.progress.isVisible()
    assert page.bar.refine.isEnabled()


@pytest.mark.parametrize("keep", [True, False])
def test_refining_can_be_stopped_with_or_without_what_it_found(
    sitting: Window, page: PhotoPage, wait: Wait, engine: FakeEngine, tmp_path: Path, keep: bool
) -> None:
    open_photo(sitting, wait, photo(tmp_path))
    before = sitting.desk.result
    assert before is not None
    engine.delay_s = 0.05
    page.bar.refine.click()
    assert page.bar.progress.isVisible()
    wait(lambda: sitting.desk._best is not None and sitting.desk._best.recipe != before.recipe)
    (page.bar.keep if keep else page.bar.cancel).click()
    engine.delay_s = 0.0
    after = sitting.desk.result
    assert after is not None
    assert (after.recipe != before.recipe) == keep
    assert after.fidelity == before.fidelity  # never said to be better than was measured
    assert page.drawn.pixels is after.pixels
    assert page.start.isEnabled()


# ------------------------------------------------------------------ taking over


def test_the_drawn_face_becomes_the_portrait_and_its_picture_stays_named(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    path = photo(tmp_path)
    open_photo(sitting, wait, path)
    controller = sitting.controller
    page.start.click()
    assert controller.session.stage is Stage.refine
    assert sitting.current_page is sitting.pages[Stage.refine]
    assert controller.session.portrait == recipe_of(0, "photo")
    wait(lambda: controller.was_shown(controller.session.portrait))
    controller.set_edit("lips", 1.0, final=True)
    wait(lambda: controller.was_shown(controller.session.portrait))
    controller.accept_portrait()
    assert controller.case is not None
    record = portrait_record(controller.case, ("lips", "mouth"))
    assert [s["name"] for s in record.sources] == ["one.png"]
    assert record.sources[0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    controller.undo()
    controller.undo()
    controller.undo()
    assert controller.session.sources == ()


def test_its_attributes_alone_stay_apart_from_what_was_said(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    open_photo(sitting, wait, photo(tmp_path))
    rows = {row.chip.attribute.name: row for row in page.read.rows}
    assert page.read.says.text().startswith("The picture seems to show a man of about 45")
    assert not rows["beard"].tick.isChecked()  # the witness spoke of a beard
    assert "the description says: full" in rows["beard"].tick.accessibleName()
    assert rows["hair_color"].tick.isChecked()
    rows["age"].tick.setChecked(False)
    rows["sex"].tick.setChecked(False)
    page.attributes.click()
    described = sitting.controller.session.description
    seen = [a for a in described.attributes if a.source == "picture"]
    assert [(a.name, a.value, a.confirmed) for a in seen] == [("hair_color", "brown", True)]
    assert standing(seen[0]) == "from a picture: one.png"
    assert sitting.controller.session.portrait is None
    describe = sitting.pages[Stage.description]
    sitting.go(Stage.description)
    chips = [w for w in describe.findChildren(AttributeRow) if w.isVisible()]
    assert chips[-1].attribute.source == "picture"
    heading = "From a picture, not from the witness"
    labels = [w.text() for w in describe.findChildren(type(text_label("")))]
    assert heading in labels


def test_words_read_again_leave_the_chips_of_a_picture_alone(
    sitting: Window, page: PhotoPage, wait: Wait, tmp_path: Path
) -> None:
    open_photo(sitting, wait, photo(tmp_path))
    page.attributes.click()
    sitting.controller.read_description("A woman with glasses")
    wait(lambda: any(a.name == "glasses" for a in
                     sitting.controller.session.description.attributes))
    sources = {a.source for a in sitting.controller.session.description.attributes}
    assert "picture" in sources


def test_a_poor_face_gives_several_possible_ones_and_never_an_answer(
    sitting: Window, page: PhotoPage, wait: Wait, engine: FakeEngine, tmp_path: Path
) -> None:
    open_photo(sitting, wait, photo(tmp_path, "poor"))
    page.enhance.click()
    wait(lambda: "picture.possible" in kinds(sitting))
    assert [r.count for r in engine.asked if isinstance(r, EnhanceFace)] == [6]
    assert "None of them is an answer" in page.possible.text.text()
    assert not page.start_possible.isEnabled()
    page.possible.gallery.toggle(1)
    page.possible.gallery.toggle(4)
    assert page.possible.gallery.picks == (4,)  # one at a time
    chosen = page.possible.chosen
    page.start_possible.click()
    session = sitting.controller.session
    assert chosen is not None
    assert session.portrait == chosen.recipe
    assert session.sources == chosen.sources
    assert sitting.controller.history.current.detail == "enhance"


def test_a_blend_with_the_portrait_is_a_strip_and_any_step_is_a_start(
    sitting: Window, page: PhotoPage, wait: Wait, engine: FakeEngine, tmp_path: Path
) -> None:
    controller = sitting.controller
    open_photo(sitting, wait, photo(tmp_path))
    assert not page.blend.isEnabled()  # there is no portrait yet
    controller.offer_round()
    wait(lambda: controller.session.open_round)
    controller.use_portrait(2)
    portrait = controller.session.portrait
    wait(lambda: controller.was_shown(portrait))
    sitting.show_starts()
    assert page.blend.isEnabled()
    page.blend.click()
    between = sitting.starts.between
    assert between.isVisible()
    wait(lambda: between.strip.faces)
    asked = next(r for r in engine.asked if isinstance(r, InterpolatePortraits))
    assert (asked.first, asked.second) == (portrait, recipe_of(0, "photo"))
    between.strip.gallery.toggle(0)
    assert between.strip.chosen is not None
    assert between.strip.chosen.sources == ()  # the portrait itself: nothing of the photo in it
    between.strip.gallery.toggle(3)
    step = between.strip.chosen
    assert step is not None
    between.start.click()
    assert controller.session.portrait == step.recipe
    assert controller.session.sources == step.sources != ()
    assert sitting.current_page is sitting.pages[Stage.refine]
