"""A fake engine for the window's tests: numpy-drawn faces, scripted delays, gates and errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from app.engine.api import (
    BlendPortraits,
    ChangePortrait,
    DirectionInfo,
    Event,
    FaceReady,
    FacesProposed,
    FindLandmarks,
    Landmarks,
    LoadModel,
    Measured,
    MeasureDrift,
    MeasurePortrait,
    ModelInfo,
    MovePortrait,
    Pixels,
    PrepareFaces,
    Progress,
    ProposeFaces,
    ReadChanges,
    ReadDescription,
    RedrawFaces,
    RenderFaces,
    RenderPortrait,
    Request,
    SearchState,
    Shortfall,
    SketchPortrait,
    SwapRegion,
    Ticket,
    WordedChange,
)
from app.models.description import Attribute, Reading
from app.models.errors import BadInput, Cancelled, ModelError
from app.models.overlay_catalogue import merged_overlays
from app.models.portrait import Recipe
from app.models.region import LocalEdit
from app.models.round import Answer
from tests.views import fake_lineup, fake_pictures

MODEL = "f" * 64
W_DIM = 16
SIZE = 64

DIRECTIONS = tuple(
    DirectionInfo(*row)  # type: ignore[arg-type]
    for row in (
        ("age", "age", "whole", -30.0, 40.0, "years", "", "", True, 0.8, (("wrinkles", 1.1),)),
        ("sex", "sex", "whole", -3.0, 3.0, "sd", "female", "male", True, 0.9, ()),
        ("face_width", "face_width", "whole", -3.0, 3.0, "sd", "narrow", "wide", False, 0.7, ()),
        ("nose_size", "nose_size", "nose", -3.0, 3.0, "sd", "small", "big", False, 0.6,
         (("age", 0.4),)),
        ("mouth", "mouth", "mouth", -3.0, 3.0, "sd", "small", "wide", False, 0.6, ()),
        ("lips", "lips", "mouth", -3.0, 3.0, "sd", "thin", "full", False, 0.5, ()),
        ("eye_size", "eye_size", "eyes", -3.0, 3.0, "sd", "small", "big", False, 0.5, ()),
        ("skin", "skin", "skin", -3.0, 3.0, "sd", "light", "dark", False, 0.7, ()),
        ("hair_color", "hair_color", "hair", -3.0, 3.0, "sd", "black", "blond", False, 0.7, ()),
        ("beard", "beard", "jaw", 0.0, 3.0, "sd", "none", "full", False, 0.6, ()),
        ("expression", "expression", "mouth", -2.0, 2.0, "sd", "neutral", "smiling", False, 0.8,
         ()),
    )
)

INFO = ModelInfo(
    name="drawn-faces", sha256=MODEL, resolution=SIZE, layers=4, w_dim=W_DIM, device="cpu",
    directions=DIRECTIONS, folder="fake",
    card=(
        ("kind", "Test faces drawn with numpy"), ("training_data", "none"),
        ("known_bias", "Draws circles only"), ("licence", "test use"),
    ),
)

# word -> attribute, enough for the tests of the pages
WORDS: dict[str, tuple[str, Any]] = {
    "man": ("sex", "male"), "woman": ("sex", "female"), "beard": ("beard", "full"),
    "brown": ("hair_color", "brown"), "blond": ("hair_color", "blond"),
    "glasses": ("glasses", "clear"), "fifty": ("age", (45, 55)), "thin": ("build", "thin"),
    "big nose": ("nose_size", "big"), "round face": ("face_shape", "round"),
}

CHANGES = {
    "older": WordedChange("age", delta=0.25, value=None),
    "bigger nose": WordedChange("nose_size", "big", 0.5),
    "glasses": WordedChange("glasses", "clear"),
    "keep the eyes": WordedChange("eye_size", hold=True),
}


def recipe_of(seed: int, origin: str = "sampled") -> Recipe:
    """A recipe whose latent follows from its seed alone."""
    w = np.random.default_rng(seed).standard_normal(W_DIM)
    return Recipe.from_array(MODEL, w, seed=seed, psi=0.7, origin=origin)


def draw(recipe: Recipe, size: int = SIZE) -> Pixels:
    """A face of ellipses: uint8 RGB ``[size, size, 3]``, from latent and edits, local ones too."""
    face = _draw(recipe, size)
    for local in recipe.local:
        moved = recipe
        for name, amount in local.edits:
            moved = moved.with_edit(name, recipe.edit(name) + amount)
        mask = local.mask(size, size)[..., None]
        face = np.rint(face + mask * (_draw(moved, size).astype(float) - face)).astype(np.uint8)
    return face


def _draw(recipe: Recipe, size: int) -> Pixels:
    w = recipe.array().reshape(-1)[:W_DIM].astype(float).copy()
    for place, info in enumerate(DIRECTIONS):
        span = max(abs(info.low), abs(info.high))
        w[place] += 3 * recipe.edit(info.name) / span
    t = np.tanh(w / 2)
    y, x = np.mgrid[-1:1:size * 1j, -1:1:size * 1j]
    img = np.full((size, size, 3), 150.0)
    skin = np.array([205, 165, 140]) - 45 * t[7] * np.array([1, 1, 1])
    hair = np.array([70, 55, 45]) + 70 * (t[8] + 1) * np.array([1, 0.8, 0.4]) / 2
    hair = hair + (1 + t[0]) / 2 * 0.5 * (190 - hair)  # grey with age
    wide, tall = 0.55 + 0.1 * t[2], 0.75
    img[(x / (wide + 0.1)) ** 2 + ((y + 0.1) / (tall + 0.1)) ** 2 < 1] = hair
    img[(x / wide) ** 2 + ((y - 0.05) / tall) ** 2 < 1] = skin
    eye = 0.09 + 0.03 * t[6]
    for side in (-0.22, 0.22):
        img[((x - side) / eye) ** 2 + ((y + 0.1) / (eye * 0.6)) ** 2 < 1] = (245, 245, 245)
        img[((x - side) / (eye * 0.45)) ** 2 + ((y + 0.1) / (eye * 0.5)) ** 2 < 1] = (50, 40, 35)
    nose = 0.07 + 0.03 * t[3]
    img[(np.abs(x) < nose * (y + 0.15) * 2.5) & (y > -0.1) & (y < 0.2)] = skin * 0.85
    mouth = 0.2 + 0.06 * t[4]
    smile = y - 0.42 - 0.1 * t[10] * (1 - (x / mouth) ** 2)
    img[(x / mouth) ** 2 + (smile / (0.04 + 0.02 * t[5])) ** 2 < 1] = (160, 75, 75)
    if t[9] > 0.2:
        img[((x / wide) ** 2 + ((y - 0.05) / tall) ** 2 < 1) & (y > 0.52)] = hair
    return np.clip(img, 0, 255).astype(np.uint8)


def read_words(text: str) -> Reading:
    """Spot a handful of words; the rest stays unread."""
    attributes, low = [], text.lower()
    for word, (name, value) in WORDS.items():
        at = low.find(word)
        if at < 0:
            continue
        before = low[max(0, at - 12) : at]
        certainty: Any = "doubtful" if "maybe" in before else "said"
        span = (at, at + len(word))
        attributes.append(
            Attribute(name, value, "not " in before, certainty, span, text[at : span[1]])
        )
    attributes.sort(key=lambda a: a.span or (0, 0))
    unread, at = [], 0
    for attribute in attributes:
        assert attribute.span is not None
        if attribute.span[0] - at > 15:
            unread.append((at, attribute.span[0]))
        at = attribute.span[1]
    return Reading(text, tuple(attributes), tuple(unread))


@dataclass(eq=False)
class _Task:
    request: Request[Any]
    on_event: Callable[[Event], None] | None
    future: Future[Any] = field(default_factory=Future)
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stop(self) -> None:
        with self.lock:
            self.stopped.set()

    def check(self) -> None:
        if self.stopped.is_set():
            raise Cancelled

    def tell(self, event: Event) -> None:
        with self.lock:
            self_stopped = self.stopped.is_set()
            if not self_stopped and self.on_event is not None:
                self.on_event(event)
        self.check()


class FakeEngine:
    """Implements the engine's protocol. Script it by setting ``delay_s``, ``errors``, ``gate``.

    ``errors[RequestType]`` is raised once and then forgotten; while ``gate`` is cleared, the torch
    worker waits before each face; ``asked`` lists every request.
    """

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.errors: dict[type, Exception] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[Request[Any]] = []
        self.info: ModelInfo | None = None
        self._closed = False
        self._current: dict[str, _Task] = {}
        self._lock = threading.Lock()
        self._workers = {
            name: ThreadPoolExecutor(1, thread_name_prefix=f"fake-{name}")
            for name in ("torch", "words")
        }

    # ---- protocol

    def submit(
        self, request: Request[Any], on_event: Callable[[Event], None] | None = None
    ) -> Ticket[Any]:
        task = _Task(request, on_event)
        self.asked.append(request)
        with self._lock:
            older = self._current.get(request.lane)
            self._current[request.lane] = task
            closed = self._closed
        if older is not None:
            older.stop()
        if closed:
            task.future.set_exception(Cancelled())
        else:
            self._workers[request.worker].submit(self._work, task)
        return Ticket(request, task.future, task.stop)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            tasks = list(self._current.values())
        for task in tasks:
            task.stop()
        self.gate.set()
        for worker in self._workers.values():
            worker.shutdown(wait=True)

    # ---- work

    def _work(self, task: _Task) -> None:
        try:
            task.check()
            error = self.errors.pop(type(task.request), None)
            if error is not None:
                raise error
            answer = _ANSWERS[type(task.request)](self, task, task.request)
            task.check()
        except BaseException as error:
            task.future.set_exception(error)
        else:
            task.future.set_result(answer)

    def _face(self, task: _Task, index: int, recipe: Recipe, preview: bool = False) -> FaceReady:
        task.check()
        while not self.gate.wait(0.01):
            task.check()
        if self.delay_s:
            time.sleep(self.delay_s)
        if self.info is None:
            raise ModelError("model.not_loaded")
        if recipe.model != MODEL:
            raise BadInput("recipe.other_model", expected=MODEL, found=recipe.model)
        for name, _ in recipe.edits:
            if self.info.direction(name) is None:
                raise BadInput("direction.unknown", name=name)
        return FaceReady(index, recipe, draw(recipe), preview)

    def _load(self, task: _Task, request: LoadModel) -> ModelInfo:
        if request.folder is not None and request.folder != "fake":
            raise ModelError("model.missing", folder=request.folder)
        task.tell(Progress("model", 1, 1))
        self.info = INFO
        return INFO

    def _read(self, task: _Task, request: ReadDescription) -> Reading:
        return read_words(request.text)

    def _prepare(self, task: _Task, request: PrepareFaces) -> int:
        return 0 if request.array is None else request.array.count

    def _propose(self, task: _Task, request: ProposeFaces) -> FacesProposed:
        if request.count < 1:
            raise BadInput("round.bad_count", count=request.count)
        picked = [f for r in request.rounds for f in r.picked_faces]
        if request.portrait is not None:
            picked.append(request.portrait)
        if request.like is not None:
            picked = [request.like] * 9
        base = np.mean([p.array() for p in picked], axis=0) if picked else np.zeros(W_DIM)
        spread = 1.0 / (1 + len(picked))
        faces = []
        for i in range(request.count):
            generator = np.random.default_rng([request.seed, i])
            w = base + spread * generator.standard_normal(W_DIM)
            origin = "search" if picked else "sampled"
            faces.append(Recipe.from_array(MODEL, w, seed=request.seed, psi=0.7, origin=origin))
        for i, recipe in enumerate(faces):
            task.tell(self._face(task, i, recipe))
            task.tell(Progress("faces", i + 1, len(faces)))
        answered = [r for r in request.rounds if r.answer is Answer.picked]
        settled = len(answered) > 3
        state = SearchState("settled" if settled else "searching", settled, spread)
        short = tuple(
            Shortfall(a.name, str(a.value), "no_direction")
            for a in request.wanted if a.name == "glasses"
        )
        wild = len(faces) - 1 if answered and request.like is None else None
        return FacesProposed(tuple(faces), short, state, wild, request.seed)

    def _portrait(self, task: _Task, request: RenderPortrait) -> FaceReady:
        if request.preview:
            task.tell(self._face(task, 0, request.recipe, preview=True))
        return self._face(task, 0, request.recipe)

    def _move(self, task: _Task, request: MovePortrait) -> FaceReady:
        recipe = request.recipe.with_edit(request.name, request.amount)
        change = request.amount - request.recipe.edit(request.name)
        for name in request.held:  # so that tests can see that something was held
            if self.info is not None and self.info.direction(name) is not None:
                recipe = recipe.with_edit(name, recipe.edit(name) - change / 8)
        return self._portrait(task, RenderPortrait(recipe, request.preview))

    def _faces(self, task: _Task, request: RenderFaces) -> tuple[Recipe, ...]:
        for i, recipe in enumerate(request.recipes):
            task.tell(self._face(task, i, recipe))
        return request.recipes

    def _measure(self, task: _Task, request: MeasurePortrait) -> tuple[Measured, ...]:
        self._face(task, 0, request.recipe)
        return (Measured("sex", "male" if request.recipe.array()[1] > 0 else "female", 0.9),)

    def _landmarks(self, task: _Task, request: FindLandmarks) -> Landmarks:
        self._face(task, 0, request.recipe)
        return Landmarks((("eye_left", 0.25, 0.32), ("eye_right", 0.75, 0.32)))

    def _drift(self, task: _Task, request: MeasureDrift) -> float:
        first, second = draw(request.first).astype(float), draw(request.second).astype(float)
        return float(np.abs(first - second).mean() / 20)

    def _blend(self, task: _Task, request: BlendPortraits) -> FaceReady:
        if not request.recipes:
            raise BadInput("blend.nothing")
        weights = np.array(request.weights or [1.0] * len(request.recipes))
        weights = weights / weights.sum()
        w = sum(k * r.array() for k, r in zip(weights, request.recipes, strict=True))
        local = tuple(
            LocalEdit(e.strokes, tuple((n, float(k * a)) for n, a in e.edits))
            for k, r in zip(weights, request.recipes, strict=True)
            for e in r.local
        )
        overlays = merged_overlays(r.overlays for r in request.recipes)
        blend = Recipe.from_array(
            MODEL, np.asarray(w), origin="blend", local=local, overlays=overlays
        )
        return self._face(task, 0, blend)

    def _swap(self, task: _Task, request: SwapRegion) -> FaceReady:
        regions = ("upper", "eyes", "nose", "mouth", "jaw", "colouring")
        if request.region not in regions:
            raise BadInput("blend.unknown_region", region=request.region)
        w, place = request.recipe.array().copy(), 2 * regions.index(request.region)
        w[place : place + 2] = request.donor.array()[place : place + 2]
        return self._face(task, 0, Recipe.from_array(MODEL, w, origin="blend"))

    def _read_changes(self, task: _Task, request: ReadChanges) -> tuple[WordedChange, ...]:
        found, low = [], request.text.lower()
        for words, change in CHANGES.items():
            at = low.find(words)
            if at >= 0:
                span = (at, at + len(words))
                found.append(replace(change, span=span, text=request.text[at : span[1]]))
        return tuple(sorted(found, key=lambda c: c.span))

    def _change(self, task: _Task, request: ChangePortrait) -> FaceReady:
        recipe = request.recipe
        for change in request.changes:
            info = self.info.direction(change.name) if self.info else None
            if info is not None and change.delta:
                top = info.high if change.delta > 0 else -info.low
                recipe = recipe.with_edit(info.name, recipe.edit(info.name) + change.delta * top)
        return self._face(task, 0, recipe)

    def _sketch(self, task: _Task, request: SketchPortrait) -> FaceReady:
        grey = draw(request.recipe, request.size).mean(axis=2, keepdims=True)
        pixels = np.repeat(grey, 3, axis=2).astype(np.uint8)
        return FaceReady(0, request.recipe, pixels)


_ANSWERS: dict[type, Callable[[FakeEngine, _Task, Any], Any]] = {
    LoadModel: FakeEngine._load,
    ReadDescription: FakeEngine._read,
    PrepareFaces: FakeEngine._prepare,
    ProposeFaces: FakeEngine._propose,
    RenderPortrait: FakeEngine._portrait,
    MovePortrait: FakeEngine._move,
    RenderFaces: FakeEngine._faces,
    RedrawFaces: FakeEngine._faces,
    MeasurePortrait: FakeEngine._measure,
    MeasureDrift: FakeEngine._drift,
    FindLandmarks: FakeEngine._landmarks,
    BlendPortraits: FakeEngine._blend,
    SketchPortrait: FakeEngine._sketch,
    SwapRegion: FakeEngine._swap,
    ReadChanges: FakeEngine._read_changes,
    ChangePortrait: FakeEngine._change,
    **fake_pictures.ANSWERS,
    **fake_lineup.ANSWERS,
}
