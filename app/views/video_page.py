"""A video as a start: scanned for persons; the best frames of one of them become one face."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.engine.api import PersonSeen, Progress, ScanVideo, VideoRead
from app.models.session import Session
from app.views.controller import Controller
from app.views.face_pane import CropTile
from app.views.forms import button, button_row, clear_layout, named, text_label
from app.views.jobs import KEEPING_LANE
from app.views.picture_desk import PictureDesk
from app.views.picture_facts import Subject
from app.views.picture_words import problems_of, time_code
from app.views.source_row import DropPage, SourceRow
from app.views.time_line import TimeLine
from app.views.translation import tr

PER_ROW = 10  # thumbnails beside each other at 1366 pixels


class VideoPage(DropPage):
    """The scan with progress; then each person with thumbnails, a time line, and one way on."""

    def __init__(
        self, controller: Controller, desk: PictureDesk, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._desk = controller, desk
        self._name = ""
        self._video: VideoRead | None = None
        self.tiles: list[list[CropTile]] = []
        self._make_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.source)
        scan = QHBoxLayout()
        scan.addWidget(self.progress, 1)
        scan.addWidget(self.cancel)
        column.addLayout(scan)
        column.addWidget(self.status)
        column.addWidget(self.line)
        column.addWidget(self._scrolled(), 1)
        column.addWidget(self.choice)
        column.addLayout(button_row(self.none, self.use))
        desk.video_read.connect(self._on_read)
        desk.forgotten.connect(self._on_forgotten)
        controller.progress.connect(self._on_progress)
        controller.busy_changed.connect(self._on_busy)
        self._on_forgotten()

    def _make_controls(self) -> None:
        self.source = SourceRow(self._desk, "video")
        self.progress = QProgressBar()
        named(self.progress, tr("Looking through the video"))
        self.cancel = button(tr("Cancel"), self._on_cancel, "quiet")
        self.status = text_label("", "faint")
        self.line = TimeLine()
        self.line.frame_clicked.connect(self._on_mark)
        self.choice = text_label("", "strong")
        self.none = button(tr("Choose none"), self._on_none, "quiet")
        self.use = button(tr("Make a face of these frames"), self._on_use, "primary")

    def _scrolled(self) -> QScrollArea:
        holder = QWidget()
        outer = QVBoxLayout(holder)
        outer.setContentsMargins(0, 0, 6, 0)
        self._persons = QVBoxLayout()
        outer.addLayout(self._persons)
        outer.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its frames take the focus
        area.setWidget(holder)
        return area

    # ---- showing

    def show_session(self, session: Session) -> None:
        """Nothing here depends on the sitting."""

    def _on_forgotten(self) -> None:
        self._show(None)
        self.source.show_nothing()
        self.status.setText(tr(
            "MP4, MOV, AVI or MKV. Up to 64 MB the file is kept in the case, unaltered; of a "
            "larger one only its hash."
        ))
        self._show_scanning(False)

    def _show_scanning(self, scanning: bool) -> None:
        self.progress.setVisible(scanning)
        self.cancel.setVisible(scanning)
        self.progress.setRange(0, 0)

    def _on_busy(self, lane: str, busy: bool) -> None:
        if lane == ScanVideo.lane:
            self._show_scanning(busy)
            if busy:
                self._show(None)
                self.status.setText(tr("Looking through the video for faces..."))
        if lane == KEEPING_LANE and self.isVisible():
            self.status.setText(tr("Writing the original into the case...") if busy else "")

    def _on_progress(self, lane: str, progress: Progress) -> None:
        if lane == ScanVideo.lane and progress.total:
            self.progress.setRange(0, progress.total)
            self.progress.setValue(progress.done)

    def _on_cancel(self) -> None:
        self._controller.cancel(ScanVideo.lane)
        self.status.setText(tr("Stopped. Nothing of the video was kept."))

    def _on_read(self, name: str, video: VideoRead) -> None:
        self._name = name
        self.source.show_open(video.sha256, name)
        self._show(video)
        self.status.setText(_found_text(video))
        if self.tiles and self.tiles[0] and self.isVisible():
            self.tiles[0][0].setFocus()

    def _show(self, video: VideoRead | None) -> None:
        self._video = video
        clear_layout(self._persons)
        self.tiles = []
        for person in video.persons if video is not None else ():
            self._add_person(person)
        self.line.show_video(video)
        self._show_choice()

    def _add_person(self, person: PersonSeen) -> None:
        number = len(self.tiles)
        title = tr("Person {number}: seen {count} times, from {first} to {last}").format(
            number=number + 1, count=person.sightings, first=time_code(person.first_s),
            last=time_code(person.last_s),
        )  # fmt: skip
        tiles: list[CropTile] = []
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        for frame in person.best:
            at = time_code(frame.time_s)
            name = tr("Person {number} at {time}").format(number=number + 1, time=at)
            poor = problems_of(frame.quality)
            tile = CropTile(frame.aligned, at, f"{name}. {poor}" if poor else name)
            tile.toggled.connect(lambda on, p=number: self._on_tile(p, on))
            grid.addWidget(tile, *divmod(len(tiles), PER_ROW))
            tiles.append(tile)
        grid.setColumnStretch(PER_ROW, 1)
        self.tiles.append(tiles)
        self._persons.addWidget(text_label(title, "strong"))
        self._persons.addWidget(holder)

    @property
    def taken(self) -> tuple[int, tuple[int, ...]]:
        """(person, places of the chosen frames); (0, ()) when none is chosen."""
        for number, tiles in enumerate(self.tiles):
            places = tuple(i for i, tile in enumerate(tiles) if tile.isChecked())
            if places:
                return number, places
        return 0, ()

    def _show_choice(self) -> None:
        person, places = self.taken
        self.line.show_taken(frozenset((person, place) for place in places))
        self.use.setEnabled(bool(places))
        self.none.setEnabled(bool(places))
        if self._video is None or not self._video.persons:
            self.choice.setText("")
        elif not places:
            self.choice.setText(tr("Choose the frames in which the face is seen best."))
        elif len(places) == 1:
            self.choice.setText(tr("One frame of person {number}.").format(number=person + 1))
        else:
            self.choice.setText(
                tr("{count} frames of person {number}: fused into one face.").format(
                    count=len(places), number=person + 1
                )
            )

    # ---- what the officer does

    def _on_tile(self, person: int, on: bool) -> None:
        if on:  # one person at a time
            for number, tiles in enumerate(self.tiles):
                for tile in tiles if number != person else ():
                    tile.setChecked(False)
        self._show_choice()

    def _on_mark(self, person: int, place: int) -> None:
        self.tiles[person][place].toggle()
        self.tiles[person][place].setFocus()

    def _on_none(self) -> None:
        for tiles in self.tiles:
            for tile in tiles:
                tile.setChecked(False)

    def _on_use(self) -> None:
        person, places = self.taken
        if self._video is None or not places:
            return
        frames = tuple(self._video.persons[person].best[place] for place in places)
        best = max(frames, key=lambda frame: frame.quality.overall)
        self._desk.choose(Subject(
            "video", self._video.path, self._name, self._video.sha256, best.quality, best.aligned,
            frames=frames,
        ))  # fmt: skip


def _found_text(video: VideoRead) -> str:
    if not video.persons:
        return tr("No face was found in this video.")
    count = len(video.persons)
    found = tr("One person.") if count == 1 else tr("{count} persons.").format(count=count)
    found = f"{found} {tr('The grouping can be wrong either way: look at every face.')}"
    if video.complete:
        return found
    broken = tr("The file breaks off at {time}; what came before was read.").format(
        time=time_code(video.seconds)
    )
    return f"{found} {broken}"
