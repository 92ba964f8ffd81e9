"""What the torch worker runs: requests to answers, models loaded once, failures remembered."""

from __future__ import annotations

import importlib
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.engine.api import (
    BlendPortraits,
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
    PictureRead,
    Pixels,
    Progress,
    ProposeFaces,
    RedrawFaces,
    RenderFaces,
    RenderPortrait,
    Request,
    SketchPortrait,
    VideoRead,
)
from app.engine.bank import read_bank
from app.engine.lineup import METHODS as LINEUP_METHODS
from app.engine.packed import LayerCache
from app.engine.painter import Painter
from app.engine.pictures import METHODS as PICTURE_METHODS
from app.engine.sampler import Sampler
from app.engine.space import Spread, measure_spread
from app.engine.space_file import read_space
from app.engine.weights import find_model, load_model, model_folders, read_card
from app.models.errors import BadInput, ModelError, PortraitError
from app.models.overlay_catalogue import merged_overlays
from app.models.portrait import Recipe
from app.models.region import MOST_REGIONS, LocalEdit

Emit = Callable[[Event], None]
Check = Callable[[], None]
MAX_MODELS = 2
MAX_FACES = 24
MUCH_WORK = 5.0  # 1e9 operations a face: one core needs more than 25 ms


def set_threads(work: float = 0.0) -> int:
    """All cores but one, so that the window stays quick; PORTRAIT_PARLE_THREADS wins.

    Where there are two and a face takes much ``work`` (1e9 operations), both: a slider that follows
    half as fast is felt more than a window that waits some milliseconds longer.
    """
    wanted, cores = os.environ.get("PORTRAIT_PARLE_THREADS", ""), os.cpu_count() or 2
    count = cores if cores == 2 and work >= MUCH_WORK else cores - 1
    if wanted.isdigit() and int(wanted) > 0:
        count = int(wanted)
    torch.set_num_threads(max(1, count))
    return torch.get_num_threads()


def best_device() -> str:
    """``cuda`` where torch can use it, else ``cpu``; PORTRAIT_PARLE_DEVICE wins where it can."""
    wanted, usable = os.environ.get("PORTRAIT_PARLE_DEVICE"), torch.cuda.is_available()
    if wanted and not (wanted.startswith("cuda") and not usable):
        return wanted
    return "cuda" if usable else "cpu"


@dataclass(frozen=True, eq=False)
class Ahead:
    """One array that was drawn before it is asked for."""

    request: ProposeFaces
    faces: tuple[FaceReady, ...]
    proposed: FacesProposed


class Runtime:
    """Holds the loaded models; every method runs on the torch worker."""

    def __init__(self, folder: Path | None = None, device: str | None = None) -> None:
        self.threads = set_threads()
        self.device = device or best_device()
        self._default = folder
        self._painters: OrderedDict[Path, Painter | PortraitError] = OrderedDict()
        self._helpers: dict[tuple[str, str], Any] = {}
        self._slider = LayerCache()
        self.ahead: Ahead | None = None
        self.kept_pictures: OrderedDict[tuple[str, str], PictureRead] = OrderedDict()
        self.kept_videos: OrderedDict[str, VideoRead] = OrderedDict()

    # ---- models

    def load(self, folder: Path | None = None) -> Painter:
        """The model of a folder (None: the default), loaded once; a failure is remembered, too."""
        path = (folder or self._default or find_model()).resolve()
        if path not in self._painters:
            try:
                painter = Painter(load_model(path), self.device)
                self._painters[path] = painter
                self.threads = set_threads(painter.work)
            except PortraitError as error:
                self._painters[path] = error
            while len(self._painters) > MAX_MODELS:
                self._painters.popitem(last=False)
        found = self._painters[path]
        if isinstance(found, PortraitError):
            raise found
        self._painters.move_to_end(path)
        return found

    def reload(self, folder: Path | None = None) -> Painter:
        """Like ``load``, but tries again after a remembered failure."""
        path = (folder or self._default or find_model()).resolve()
        if isinstance(self._painters.get(path), PortraitError):
            del self._painters[path]
        return self.load(folder)

    def painter_for(self, sha256: str) -> Painter:
        """The model whose weights have this hash; ModelError ``model.not_installed`` without it."""
        for found in reversed(list(self._painters.values())):
            if isinstance(found, Painter) and found.sha256 == sha256:
                return found
        folders = [self._default] if self._default else []
        for folder in [*folders, *model_folders()]:
            try:
                if read_card(folder).sha256 == sha256:
                    return self.load(folder)
            except ModelError:
                continue
        raise ModelError("model.not_installed", sha256=sha256)

    def helper(self, painter: Painter, name: str, build: Callable[[Painter], Any]) -> Any:
        """Something built once per model (statistics, nets), kept as long as the process."""
        key = (painter.sha256, name)
        if key not in self._helpers:
            self._helpers[key] = build(painter)
        return self._helpers[key]

    # ---- requests

    def answer(self, request: Request[Any], emit: Emit, check: Check) -> Any:
        """Do a request; raises PortraitError."""
        method = _METHODS.get(type(request).__name__)
        if method is None:
            raise BadInput("engine.unknown_request", name=type(request).__name__)
        if isinstance(method, str):
            module, _, name = method.partition(":")
            function = getattr(importlib.import_module(module), name)
            return function(self, request, emit, check)
        return method(self, request, emit, check)

    def load_model(self, request: LoadModel, emit: Emit, check: Check) -> ModelInfo:
        """Load, and draw once so that the first real face is not the slow one."""
        emit(Progress("loading_model", 0, 2))
        painter = self.reload(None if request.folder is None else find_model(request.folder))
        emit(Progress("loading_model", 1, 2))
        check()
        painter.pixels_of(painter.wide(painter.sample(0)))
        if request.folder is not None:
            self._default = painter.model.folder
        emit(Progress("loading_model", 2, 2))
        return painter.info()

    def render_portrait(self, request: RenderPortrait, emit: Emit, check: Check) -> FaceReady:
        """Draw one recipe; layers that the last one shares are not drawn again."""
        painter = self.painter_for(request.recipe.model)
        if request.preview:
            small = painter.preview(request.recipe, self._slider)
            emit(FaceReady(0, request.recipe, small, preview=True))
        return FaceReady(0, request.recipe, painter.pixels(request.recipe, self._slider, check))

    def render_faces(self, request: RenderFaces, emit: Emit, check: Check) -> tuple[Recipe, ...]:
        """Draw several recipes, one event each."""
        for i, recipe in enumerate(request.recipes):
            check()
            emit(FaceReady(i, recipe, self.render(recipe)))
        return request.recipes

    def render(self, recipe: Recipe) -> Pixels:
        """A recipe's picture uint8 RGB [h, w, 3]."""
        return self.painter_for(recipe.model).pixels(recipe)

    def blend(self, request: BlendPortraits, emit: Emit, check: Check) -> FaceReady:
        """Weighted mean of latents and edits."""
        recipe = blended(request.recipes, request.weights)
        return FaceReady(0, recipe, self.render(recipe))

    def sketch(self, request: SketchPortrait, emit: Emit, check: Check) -> FaceReady:
        """A pencil-like picture of one recipe."""
        from app.engine.sketch import draw_sketch

        pixels = draw_sketch(self.render(request.recipe), request.style, request.size)
        return FaceReady(0, request.recipe, pixels)

    def measure(self, request: MeasurePortrait, emit: Emit, check: Check) -> tuple[Measured, ...]:
        """What the attribute net of the recipe's model reads from its picture."""
        from app.engine.photo import measured

        painter = self.painter_for(request.recipe.model)
        net = self.attribute_net(painter)
        if net is None:
            raise ModelError("model.no_attribute_net", file=str(painter.model.folder))
        return tuple(measured(net, net.read(painter.pixels(request.recipe)[None])))

    def drift(self, request: MeasureDrift, emit: Emit, check: Check) -> float:
        """How far two recipes of one model are from being the same person."""
        from app.engine.drift import DriftMeter

        painter = self.painter_for(request.first.model)
        net = self.attribute_net(painter)
        meter = self.helper(painter, "drift", lambda p: DriftMeter(p, net))
        return float(meter.distance(request.first, request.second))

    def landmarks(self, request: FindLandmarks, emit: Emit, check: Check) -> Landmarks:
        """Where the features of one generated face lie."""
        from app.engine.landmark_net import LandmarkNet, named_points

        painter = self.painter_for(request.recipe.model)
        path = painter.model.file("landmarks.safetensors")
        if path is None:
            raise ModelError("model.no_landmarks", file=str(painter.model.folder))
        net = self.helper(painter, "landmarks", lambda p: LandmarkNet.load(path))
        return Landmarks(named_points(net, painter.pixels(request.recipe)))

    def spread(self, painter: Painter) -> Spread:
        """Mean and covariance of the model's w, measured once."""
        found: Spread = self.helper(painter, "spread", measure_spread)
        return found

    def sampler(self, painter: Painter) -> Sampler:
        """What start arrays of a model are made with."""
        found: Sampler = self.helper(
            painter,
            "sampler",
            lambda p: Sampler(
                p, self.attribute_net(p), self.spread(p), read_bank(p), read_space(p)
            ),
        )
        return found

    def attribute_net(self, painter: Painter) -> Any:
        """The model's attribute net, or None where its folder has none."""
        from app.engine.attribute_net import AttributeNet

        path = painter.model.file("attributes.safetensors")
        if path is None:
            return None
        return self.helper(painter, "attributes", lambda p: AttributeNet.load(path))


_METHODS: dict[str, Any] = {
    LoadModel.__name__: Runtime.load_model,
    RenderPortrait.__name__: Runtime.render_portrait,
    RenderFaces.__name__: Runtime.render_faces,
    RedrawFaces.__name__: Runtime.render_faces,
    BlendPortraits.__name__: Runtime.blend,
    SketchPortrait.__name__: Runtime.sketch,
    MeasurePortrait.__name__: Runtime.measure,
    MeasureDrift.__name__: Runtime.drift,
    FindLandmarks.__name__: Runtime.landmarks,
    ProposeFaces.__name__: "app.engine.proposals:propose",
    "PrepareFaces": "app.engine.proposals:prepare_faces",
    "MovePortrait": "app.engine.holding:move",
    "ChangePortrait": "app.engine.wording:change",
    "SwapRegion": "app.engine.regions:swap",
    **PICTURE_METHODS,
    **LINEUP_METHODS,
}


def blended(recipes: tuple[Recipe, ...], weights: tuple[float, ...] = ()) -> Recipe:
    """The weighted mean of recipes of one model; BadInput when they do not belong together."""
    if not recipes or (weights and len(weights) != len(recipes)):
        raise BadInput("blend.bad_weights", recipes=len(recipes), weights=len(weights))
    share = np.asarray(weights or (1.0,) * len(recipes), dtype=np.float64)
    if not np.isfinite(share).all() or (share < 0).any() or share.sum() <= 0:
        raise BadInput("blend.bad_weights", recipes=len(recipes), weights=list(weights))
    if len({r.model for r in recipes}) != 1:
        raise BadInput("blend.other_model")
    share = share / share.sum()
    layers = max(r.layers for r in recipes)
    arrays = [_as_layers(r, layers) for r in recipes]
    if len({a.shape for a in arrays}) != 1:
        raise BadInput("blend.other_model")
    latent = sum(s * a.astype(np.float64) for s, a in zip(share, arrays, strict=True))
    names = sorted({n for r in recipes for n, _ in r.edits})
    edits = tuple(
        (n, float(sum(s * r.edit(n) for s, r in zip(share, recipes, strict=True)))) for n in names
    )
    local = tuple(
        LocalEdit(e.strokes, tuple((n, float(s * a)) for n, a in e.edits))
        for s, r in zip(share, recipes, strict=True)
        for e in r.local
    )[:MOST_REGIONS]
    return Recipe.from_array(
        recipes[0].model, np.asarray(latent), edits=edits, origin="blend", local=local,
        overlays=merged_overlays(r.overlays for r in recipes),
    )  # fmt: skip


def _as_layers(recipe: Recipe, layers: int) -> np.ndarray[Any, Any]:
    array = recipe.array()
    if layers and recipe.layers == 0:
        return np.broadcast_to(array, (layers, len(array)))
    return array


_shared: list[Runtime] = []


def render_recipe(recipe: Recipe) -> Pixels:
    """Draw a recipe with the installed model it belongs to (for replay, without a service)."""
    if not _shared:
        _shared.append(Runtime(device="cpu"))
    return _shared[0].render(recipe)
