"""The verbs: all that pages may ask for. Each is journalled before the state takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from app.engine.api import LoadModel, ModelInfo, ReadDescription, RenderPortrait
from app.models.attributes import vocabulary
from app.models.case import CaseFacts
from app.models.description import Attribute, Description, Reading
from app.models.errors import PortraitError
from app.models.portrait import Recipe
from app.models.round import Answer
from app.models.session import Stage
from app.models.settings import Settings
from app.models.store import create_case, open_case, open_copy_read_only, practice_case
from app.views.cases import CaseDesk, restored_copy
from app.views.change_desk import ChangeDesk
from app.views.composite_desk import CompositeDesk
from app.views.exporting import LANE as EXPORT_LANE
from app.views.exporting import Exporter
from app.views.faces import NOTHING, FaceDesk
from app.views.overlay_desk import OverlayDesk
from app.views.stages import reachable
from app.views.state import EngineFactory, State


class Controller(State):
    """The one writer of state; pages call its verbs and listen to its signals."""

    def __init__(
        self, engine_factory: EngineFactory, settings: Settings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(engine_factory, settings, parent)
        self._faces = FaceDesk(self)
        self._cases = CaseDesk(self)
        self.exporter = Exporter(self)
        self.overlays = OverlayDesk(self)
        self.changes = ChangeDesk(self)
        self.composites = CompositeDesk(self)

    # ---- engine and settings

    def start_engine(self) -> None:
        """Make the engine and load the model; call once the window is on screen."""
        try:
            self.jobs.engine = self._engine_factory()
        except PortraitError as error:
            self._on_model_failed(error)
            return
        self.load_model(self.settings.model_folder or None)

    def load_model(self, folder: str | None) -> None:
        """Load a model folder, or the bundled one."""
        self._set_model(None, "loading")
        self._ask(LoadModel(folder), self._on_model, self._on_model_failed)

    def change_settings(self, **values: Any) -> None:
        """Change settings; an unusable value becomes a problem and changes nothing."""
        old = self.settings
        try:
            self.settings = old.changed(**values)
        except PortraitError as error:
            self.problem.emit(error)
            return
        if self.settings != old:
            self.settings_changed.emit(self.settings)
        if self.settings.model_folder != old.model_folder:
            self.load_model(self.settings.model_folder or None)

    def cancel(self, lane: str) -> None:
        """Stop whatever is under way on a lane."""
        if lane == EXPORT_LANE:
            self.exporter.cancel()  # it ends by itself, leaving nothing behind
            return
        self.jobs.cancel(lane)
        if self._faces.offer is not None and not self.jobs.is_busy("round"):
            self._faces.offer = None

    # ---- case

    def new_case(self, path: Path | str, passphrase: str, facts: CaseFacts) -> None:
        """Create a sealed case file and start its sitting."""
        self._cases.open(lambda: create_case(path, passphrase, facts), path)

    def open_case(self, path: Path | str, passphrase: str) -> None:
        """Open a case where its last acknowledged choice left it."""
        self._cases.open(lambda: open_case(path, passphrase), path)

    def open_copy(self, path: Path | str, passphrase: str) -> None:
        """Read a case that somebody else holds, without changing it."""
        self._cases.open(lambda: open_copy_read_only(path, passphrase), path)

    def restore_case(self, path: Path | str, backup: Path | str, passphrase: str) -> None:
        """Go on from an older copy: restored beside the damaged file, under a new name."""
        self._cases.open(
            lambda: open_case(restored_copy(Path(path), Path(backup)), passphrase), None
        )

    def start_practice(self) -> None:
        """A case for trying the app; nothing of it is kept."""
        self._cases.open(lambda: practice_case(CaseFacts("", language=self.language)), None)

    def close_case(self, reason: str = "closed") -> None:
        """Close the case and forget everything of it."""
        self._cases.close(reason)

    def shut_down(self) -> None:
        """Stop the engine and close the case, waiting for both."""
        self.exporter.cancel()
        journal, self._journal = self._journal, None
        self.jobs.close()
        if journal is not None:
            journal.case.close("closed")
        self._cases.abandon()

    # ---- interview

    def set_eligibility(self, key: str, value: str) -> None:
        """One eligibility answer, given or changed."""
        answers = self.session.eligibility.with_answer(key, value)
        self.record("eligibility", answers.to_json())

    def set_authority(self, reason: str, authority: str) -> None:
        """Why the officer goes on all the same, and who authorised it."""
        answers = self.session.eligibility.with_authority(reason, authority)
        self.record("eligibility", answers.to_json())

    def set_recall(self, text: str, how: str = "typed") -> None:
        """A draft of the free recall; kept so that a crash loses nothing."""
        if text != self.session.recall:
            self.record("description.draft", {"text": text, "how": how})

    def confirm_recall(self, how: str = "typed") -> None:
        """The free recall as first given, word for word, before any face; then its reading."""
        text = self.session.recall
        if not text.strip():
            self.notice.emit("recall.empty", {})
        elif not self.session.eligibility.may_proceed:
            self.notice.emit("eligibility.open", {})
        elif self.record("description.first", {"text": text, "how": how}, actor="witness"):
            self.read_description(text)

    # ---- description

    def read_description(self, text: str) -> None:
        """Read the words again; an unchanged text is left alone."""
        described = self.session.description
        if text == described.text and (described.attributes or described.unread):
            return
        language = described.language if described.text else self.language
        self._ask(ReadDescription(text, language), lambda answer: self._on_read(answer, language))

    def confirm_attribute(self, index: int) -> None:
        """One attribute confirmed by the officer, with the witness."""
        self._redescribe("confirm", lambda d: d.confirm(index))

    def confirm_all(self) -> None:
        """Every attribute confirmed."""
        self._redescribe("confirm_all", lambda d: d.confirm_all())

    def change_attribute(self, index: int, value: str | tuple[int, int]) -> None:
        """One attribute given another value."""

        def changed(d: Description) -> Description:
            return d.change(index, vocabulary().validate(d.attributes[index].name, value))

        self._redescribe("change", changed)

    def drop_attribute(self, index: int) -> None:
        """One attribute taken out."""
        self._redescribe("drop", lambda d: d.drop(index))

    def add_attribute(self, name: str, value: str | tuple[int, int]) -> None:
        """One attribute added by the officer, confirmed from the start."""

        def added(description: Description) -> Description:
            said = vocabulary().validate(name, value)
            return description.add(Attribute(name, said, source="officer", confirmed=True))

        self._redescribe("add", added)

    # ---- rounds

    def offer_round(self, count: int | None = None, keep: Mapping[int, Recipe] = NOTHING) -> None:
        """Ask for the next array; an array that was still on its way is dropped."""
        if self._can_draw():
            self._faces.ask_round(self.session, count or self.settings.array_size, keep=keep)

    def answer_round(
        self, answer: Answer, picks: Sequence[int] = (), ranked: bool = False
    ) -> None:
        """What the witness said to the array on the table."""
        number = self.session.open_round.number if self.session.open_round else 0
        data = {
            "round": number, "answer": answer.value, "picks": list(picks), "ranked": ranked,
        }
        self.record("round.answered", data, actor="witness")

    def take_break(self, by: str = "witness") -> None:
        """Curtain down: a neutral screen until ``resume``."""
        if not self.is_paused and (not self.may_write or self.record("paused", {"by": by})):
            self.paused_by = by
            self._set_paused(True)

    def resume(self) -> None:
        """Curtain up."""
        if self.is_paused and (not self.may_write or self.record("resumed", {})):
            self._set_paused(False)

    # ---- refinement

    def use_portrait(self, tile: int) -> None:
        """Take one face of the last array into refinement; picks it if nothing was answered yet."""
        if not self.session.rounds or not 0 <= tile < len(self.session.rounds[-1].faces):
            self.notice.emit("round.still_arriving", {})
            return
        if self.session.open_round is not None:
            self.answer_round(Answer.picked, (tile,))
            if self.session.open_round is not None:  # it could not be stored
                return
        last = self.session.rounds[-1]
        chosen = last.faces[tile].with_overlays(self.session.overlays)
        data = {"round": last.number, "tile": tile, "recipe": chosen.to_json()}
        self.record("portrait.chosen", data, actor="witness")

    def set_edit(self, name: str, amount: float, final: bool) -> None:
        """Move along a direction: drawn at once, a step of its own when ``final``."""
        try:
            moved = self.session.with_edit(name, self._within_range(name, amount))
        except PortraitError as error:
            self.problem.emit(error)
            return
        before, after = self.session.portrait, moved.portrait
        assert before is not None
        assert after is not None
        if self.session.held and after != before:
            self._faces.move_portrait(before, name, after.edit(name), self.session.held, final)
        elif not final:
            self._faces.draw_portrait(after, final=False)
        else:
            data = {"name": name, "from": before.edit(name), "to": after.edit(name)}
            if after == before or not self.record("portrait.edited", data):
                self._faces.draw_portrait(before, final=True)

    def reset_edit(self, name: str) -> None:
        """The direction back to where the chosen face had it."""
        baseline = self.session.baseline
        self.set_edit(name, 0.0 if baseline is None else baseline.edit(name), final=True)

    def set_hold(self, name: str, held: bool) -> None:
        """Hold a direction or attribute, or let it go."""
        self.record("portrait.held", {"name": name, "held": held})

    def accept_portrait(self) -> None:
        """The witness is content with the portrait: on to the likeness question."""
        portrait = self.session.portrait
        png = None if portrait is None else self.picture(portrait)
        if portrait is None or png is None:
            self.problem.emit(PortraitError("portrait.not_drawn"))
            return
        data = self.session.accepted_json()
        self.record("portrait.accepted", data, actor="witness", pictures=(png,))

    # ---- history and navigation

    def undo(self) -> None:
        """Back to the state before."""
        self._move("undo", self.history.undo().head)

    def redo(self) -> None:
        """Forward to the state last left by undo."""
        self._move("redo", self.history.redo().head)

    def jump(self, node_id: int) -> None:
        """To any state ever reached."""
        self._move("jump", node_id)

    def go(self, stage: Stage) -> None:
        """Turn to another page; no step of its own in the history."""
        if not reachable(self.session, stage):
            self.notice.emit("stage.not_yet", {})
        elif stage is not self.session.stage:
            self.record("stage.opened", {"stage": stage.value})

    # ---- the end

    def rate(self, rating: int, remark: str = "") -> None:
        """The witness's own rating of the likeness, 1 to 5, and remark."""
        self.record("portrait.rated", {"rating": rating, "remark": remark}, actor="witness")

    def export(self, destination: Path | str, profile: str) -> None:
        """Write a sealed bundle of the accepted portrait; ``exporter.done`` tells where it is."""
        self.exporter.start(Path(destination), profile)

    def render_thumbnails(self, recipes: Sequence[Recipe]) -> None:
        """Hand on small known faces through ``thumbnail_ready``; draws what was never shown."""
        self._faces.thumbnails(tuple(recipes))

    def _on_read(self, reading: Reading, language: str) -> None:
        described = replace(self.session.description, language=language)
        self._describe("description.changed", {"how": "typed"}, described.with_reading(reading))

    def _redescribe(self, what: str, change: Callable[[Description], Description]) -> None:
        try:
            described = change(self.session.description)
        except (IndexError, PortraitError):
            self.problem.emit(PortraitError("attribute.bad_value"))
            return
        if described != self.session.description:
            confirmed = [a.to_json() for a in described.confirmed_attributes()]
            data = {"what": what, "attributes": confirmed}
            self._describe("attributes.confirmed", data, described)

    def _describe(self, kind: str, data: dict[str, Any], described: Description) -> None:
        text, whole = described.text, described.to_json()
        self.record(kind, {**data, "text": text, "description": whole})

    def _on_model(self, info: ModelInfo) -> None:
        self._set_model(info, "ready")
        session = self.session
        if session.portrait is not None:
            self._faces.draw_portrait(session.portrait, final=True)

    def _on_model_failed(self, error: PortraitError) -> None:
        self._set_model(None, "failed")
        self.problem.emit(error)

    def _set_model(self, info: ModelInfo | None, state: str) -> None:
        self.model_info, self.model_state = info, state
        self.model_changed.emit(info, state)

    def _move(self, how: str, target: int) -> None:
        if target != self.history.head:
            self.jobs.cancel(RenderPortrait.lane)
            self.record("history.moved", {"how": how, "from": self.history.head, "to": target})

    def _can_draw(self) -> bool:
        if not reachable(self.session, Stage.round):
            self.notice.emit("stage.not_yet", {})
            return False
        if not self.model_ready:
            self.problem.emit(PortraitError(f"model.{self.model_state}"))
        return self.model_ready
