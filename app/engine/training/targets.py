"""What the attribute net and the directions are trained towards: one named target per reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.training.facedata import FaceData
from app.engine.training.measurements import colour_measures, shape_measures


@dataclass(frozen=True, eq=False)
class ClassTarget:
    """One of several values: ``labels`` int64 [n], -1 unknown; ``by_hand`` if few are known."""

    attribute: str
    values: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    by_hand: bool


@dataclass(frozen=True, eq=False)
class ScalarTarget:
    """A continuous measure: ``values`` float32 [n], with its mean and standard deviation."""

    name: str
    values: npt.NDArray[np.float32]
    mean: float
    std: float


ORIGINS = ("white", "black", "east_asian", "south_asian", "other")


def _pick(key: str, mapping: Mapping[Any, int]) -> Callable[[dict[str, Any]], int]:
    return lambda face: mapping.get(face.get(key), -1)


# vocabulary attribute -> (its values here, how a hand label maps to their index)
HAND: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any]], int]]] = {
    "glasses": (("none", "clear"), _pick("glasses", {0: 0, 1: 1, 2: 1})),
    "moustache": (("none", "yes"), _pick("moustache", {0: 0, 1: 1})),
    "beard": (("none", "stubble", "goatee", "full"), _pick("beard", {0: 0, 1: 1, 2: 2, 3: 3})),
    "hair_color": (
        ("black", "brown", "blond", "red", "grey", "white"),
        _pick(
            "hair_colour",
            {"black": 0, "brown": 1, "blond": 2, "red": 3, "grey": 4, "white": 5},
        ),
    ),
    "hair_length": (
        ("bald", "short", "medium", "long"),
        _pick("hair_length", {"bald": 0, "receding": 1, "short": 1, "medium": 2, "long": 3}),
    ),
    "hairline": (
        ("straight", "receding"),
        _pick("hair_length", {"receding": 1, "bald": 1, "short": 0, "medium": 0, "long": 0}),
    ),
    "hair_type": (
        ("straight", "wavy", "curly"),
        _pick("hair_type", {"straight": 0, "wavy": 1, "curly": 2}),
    ),
    "hair_style": (("other", "fringe"), _pick("fringe", {0: 0, 1: 1})),
    "hat": (("none", "hat"), _pick("hat", {0: 0, 1: 1})),
    "expression": (("neutral", "smiling"), _pick("smile", {0: 0, 1: 1, 2: 1})),
    "eyebrows": (
        ("thin", "medium", "bushy"),
        _pick("eyebrows", {"thin": 0, "medium": 1, "bushy": 2}),
    ),
    "face_shape": (
        ("round", "oval", "square", "long", "heart"),
        _pick("face_shape", {"round": 0, "oval": 1, "square": 2, "long": 3, "heart": 4}),
    ),
    "lips": (("thin", "average", "full"), _pick("lips", {"thin": 0, "medium": 1, "full": 2})),
    "nose_size": (
        ("small", "average", "big"),
        _pick("nose", {"small": 0, "medium": 1, "large": 2}),
    ),
    "skin": (
        ("very_light", "light", "medium", "tan", "dark", "very_dark"),
        _pick("skin", {1: 0, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5}),
    ),
    "wrinkles": (("none", "some", "strong"), _pick("wrinkles", {0: 0, 1: 1, 2: 2})),
    "build": (("average", "heavy"), _pick("chubby", {0: 0, 1: 1})),
    "eye_color": (
        ("brown", "blue", "green", "grey"),
        _pick("eye_colour", {"brown": 0, "blue": 1, "green": 2, "grey": 3}),
    ),
}


def class_targets(data: FaceData) -> list[ClassTarget]:
    """Sex and ethnicity for every face, the hand-labelled set where a hand has labelled."""
    targets = [
        ClassTarget("sex", ("male", "female"), data.sex, by_hand=False),
        ClassTarget("ethnicity", ORIGINS, data.origin, by_hand=False),
    ]
    for attribute, (values, index_of) in HAND.items():
        labels = np.full(len(data.sex), -1, np.int64)
        for i, face in data.hand.items():
            labels[i] = index_of(face)
        targets.append(ClassTarget(attribute, values, labels, by_hand=True))
    return targets


def scalar_targets(data: FaceData) -> list[ScalarTarget]:
    """Age in years, shape ratios and colours, clipped to their 0.5..99.5 percentiles."""
    if data.points is None:
        raise ValueError("mesh points are needed for the shape measures")
    measures = {
        "age": data.age,
        **shape_measures(data.points),
        **colour_measures(data.pixels, data.points),
    }
    out = []
    for name, values in measures.items():
        clipped = np.clip(values, *np.percentile(values, [0.5, 99.5])).astype(np.float32)
        on_train = clipped[data.train]
        out.append(ScalarTarget(name, clipped, float(on_train.mean()), float(on_train.std())))
    return out
