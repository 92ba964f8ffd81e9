"""Many simulated sittings: who is remembered, in which group, and what came of all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.api import Pixels
from app.engine.proposals import latent_space
from app.engine.runtime import Runtime
from app.engine.weights import find_model
from app.engine.witness import (
    SAID,
    STRATEGIES,
    TARGET_SEED,
    Crowd,
    Memory,
    Sitting,
    Strategy,
    Studio,
    Witness,
    said_of,
    sit,
    words_of,
)
from app.models.errors import BadInput, ModelError

AGE_BANDS = ((18, 29), (30, 44), (45, 59), (60, 120))
ORIGINS = ("white", "black", "east_asian", "south_asian", "other")
PLATEAU = 0.04  # within this distance of its best a run has reached its plateau
NEAR_PLATEAU = 2  # rounds


@dataclass(frozen=True)
class Plan:
    """Everything that a sitting depends on besides its strategy and number."""

    model: str | None = None
    sha256: str = ""
    rounds: int = 8
    noise: float = 0.10
    blur: float = 0.8
    delay: float = 0.0
    describe: int = 0
    crowd: int = 200
    seed: int = 0
    kit: str | None = None


class Lab:
    """The model, the crowd and the targets, loaded once per process."""

    def __init__(
        self, plan: Plan, report: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        self.plan, self.runtime = plan, Runtime()
        painter = self.runtime.load(find_model(plan.model))
        self.studio = Studio(
            painter, latent_space(self.runtime, painter), self.runtime.spread(painter),
            Crowd(painter, plan.crowd, report),
        )  # fmt: skip
        self.real = None if plan.kit is None else RealFaces(Path(plan.kit), painter.model.folder)

    def sitting(self, name: str, index: int) -> Sitting:
        """Sitting number ``index`` of one strategy; the same whenever it is run."""
        plan, studio = self.plan, self.studio
        only_words = name == "description"
        strategy = Strategy("description", 9, 1) if only_words else STRATEGIES[name]
        words = plan.describe or (5 if only_words else 0)
        sampler = self.runtime.sampler(studio.painter)
        if words and sampler.net is None:
            raise ModelError("model.no_attribute_net", file=str(studio.painter.model.folder))
        seed = plan.seed * 10_007 + index
        if self.real is None:
            target, photo = studio.painter.sample(TARGET_SEED + seed), None
            group = _read_group(sampler.net, studio.painter.pixels_of(studio.painter.wide(target)))
        else:
            target, photo, group = self.real.face(index)
        memory = Memory.after(plan.delay, plan.noise, plan.blur)
        witness = Witness(
            studio.painter, target, memory, studio.crowd.usual, seed, photo, studio.crowd
        )
        said = None
        if words:
            picture = studio.painter.pixels_of(studio.painter.wide(target))
            true = said_of(sampler, picture if photo is None else photo, SAID[:words])
            said = words_of(sampler, studio.space, true, strategy.count, seed)
        done = sit(studio, strategy, witness, plan.rounds, seed, said)
        return replace(done, group=group)


class RealFaces:
    """Held-out faces of a training kit: their pictures, their codes as the model's w, labels."""

    def __init__(self, kit: Path, model: Path) -> None:
        from safetensors.numpy import load_file

        from app.engine.training.facedata import load_face_data

        shape = model / "shape.safetensors"
        if not shape.is_file():
            raise BadInput("training.missing_file", file=str(shape))
        offset = load_file(str(shape)).get("w_offset", np.zeros(1, np.float32))
        self._data, self._offset = load_face_data(kit), offset

    def face(self, index: int) -> tuple[npt.NDArray[np.float32], Pixels, tuple[str, ...]]:
        """w [w_dim] of its code (where words begin), its picture, and its groups."""
        data = self._data
        i = int(data.held_out[index % len(data.held_out)])
        w = (data.codes[i] * data.scale + self._offset).astype(np.float32)
        picture = np.ascontiguousarray(data.pixels[i].transpose(1, 2, 0))
        sex = ("male", "female")[int(data.sex[i])]
        return w, picture, (sex, _band(float(data.age[i])), ORIGINS[int(data.origin[i])])


def _read_group(net: Any | None, pixels: Pixels) -> tuple[str, ...]:
    if net is None:
        return ()
    read = net.read(pixels[None])
    named = [
        net.values(name)[int(read.probabilities[name][0].argmax())] for name in ("sex", "ethnicity")
    ]
    return named[0], _band(float(read.scalars["age"][0])), named[1]


def _band(age: float) -> str:
    low, high = next((b for b in AGE_BANDS if age < b[1] + 1), AGE_BANDS[-1])
    return f"age_{low}_{high}"


# ------------------------------------------------------------------ kept between runs


class Ledger:
    """Sittings already done, one JSON line each, so that a stopped simulation goes on."""

    def __init__(self, path: Path | None, plan: Plan) -> None:
        self._path, self._plan = path, asdict(plan)
        self._done: dict[tuple[str, int], Sitting] = {}
        if path is not None and path.exists():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                self._take(path, number, line)

    def get(self, name: str, index: int) -> Sitting | None:
        """A sitting done before, under the same plan."""
        return self._done.get((name, index))

    def add(self, name: str, index: int, sitting: Sitting) -> None:
        """Keep one; on disk before the next begins."""
        self._done[name, index] = sitting
        if self._path is not None:
            line = {"plan": self._plan, "strategy": name, "index": index, **asdict(sitting)}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def _take(self, path: Path, number: int, line: str) -> None:
        try:
            data = json.loads(line)
            if data.pop("plan") != self._plan:
                return
            name, index = str(data.pop("strategy")), int(data.pop("index"))
            lists: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in data.items()
            }
            self._done[name, index] = Sitting(**lists)
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(
                "simulate.bad_ledger", file=str(path), line=number, why=str(error)
            ) from error


# ------------------------------------------------------------------ what came of them


def summary(sittings: Sequence[Sitting]) -> dict[str, Any]:
    """Likeness and distance by round (mean, median, 10-90 %), the stop signal, and groups."""
    likeness = np.array([s.likeness for s in sittings])  # [witnesses, rounds]
    distance = np.array([s.distance for s in sittings])
    return {
        "witnesses": len(sittings),
        "likeness_mean": likeness.mean(0).round(2).tolist(),
        **_quantiles("likeness", likeness, 2),
        "distance_mean": distance.mean(0).round(4).tolist(),
        **_quantiles("distance", distance, 4),
        **_stop(sittings, distance),
        "thinking_ms": round(float(np.mean([s.thinking_ms for s in sittings])), 2),
        "groups": _groups(sittings, distance, likeness),
    }


def _quantiles(name: str, values: npt.NDArray[Any], digits: int) -> dict[str, list[float]]:
    marks = {"median": 50, "p10": 10, "p90": 90}
    return {
        f"{name}_{key}": np.percentile(values, at, axis=0).round(digits).tolist()
        for key, at in marks.items()
    }


def _stop(sittings: Sequence[Sitting], distance: npt.NDArray[Any]) -> dict[str, Any]:
    settled = np.array([s.settled for s in sittings])
    plateau = (distance <= distance.min(1, keepdims=True) + PLATEAU).argmax(1) + 1
    told = settled > 0
    near = told & (np.abs(settled - plateau) <= NEAR_PLATEAU)
    return {
        "settled_share": round(float(told.mean()), 3),
        "settled_round_median": float(np.median(settled[told])) if told.any() else None,
        "plateau_round_median": float(np.median(plateau)),
        "settled_near_plateau_share": round(float(near.mean()), 3),
        "enough_share": round(float(np.mean([s.enough > 0 for s in sittings])), 3),
    }


def _groups(
    sittings: Sequence[Sitting], distance: npt.NDArray[Any], likeness: npt.NDArray[Any]
) -> dict[str, dict[str, float]]:
    """Of each group at the last round: how many, mean distance, and how much worse than all."""
    out = {}
    mean = float(distance[:, -1].mean())
    for name in sorted({g for s in sittings for g in s.group}):
        rows = np.array([name in s.group for s in sittings])
        own = float(distance[rows, -1].mean())
        out[name] = {
            "witnesses": int(rows.sum()),
            "distance": round(own, 4),
            "likeness": round(float(likeness[rows, -1].mean()), 2),
            "worse_percent": round(100 * (own / max(mean, 1e-9) - 1), 1),
        }
    return out


def run_all(
    plan: Plan, names: Iterable[str], witnesses: int, ledger: Ledger,
    report: Callable[[str, int, int], None] = lambda stage, done, total: None, jobs: int = 1,
) -> dict[str, list[Sitting]]:  # fmt: skip
    """Every sitting of every strategy, from the ledger where it is there; ``jobs`` processes."""
    names = list(dict.fromkeys(names))
    missing = [(n, i) for n in names for i in range(witnesses) if ledger.get(n, i) is None]
    made = _sittings(plan, missing, report, jobs)
    for done, (name, index, sitting) in enumerate(made, 1):
        ledger.add(name, index, sitting)
        report(name, done, len(missing))
    found = {n: [ledger.get(n, i) for i in range(witnesses)] for n in names}
    return {n: [s for s in row if s is not None] for n, row in found.items()}


def _sittings(
    plan: Plan, tasks: Sequence[tuple[str, int]], report: Callable[[str, int, int], None], jobs: int
) -> Iterable[tuple[str, int, Sitting]]:
    if not tasks:
        return
    if jobs < 2:
        lab = Lab(plan, lambda d, t: report("crowd", d, t))
        for name, index in tasks:
            yield name, index, lab.sitting(name, index)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, get_context("spawn"), _prepare, (plan,)) as pool:
        for (name, index), sitting in zip(tasks, pool.map(_one, tasks), strict=True):
            yield name, index, sitting


_lab: list[Lab] = []


def _prepare(plan: Plan) -> None:
    import torch

    _lab[:] = [Lab(plan)]
    torch.set_num_threads(1)


def _one(task: tuple[str, int]) -> Sitting:
    return _lab[0].sitting(*task)
