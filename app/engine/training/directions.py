"""Fits latent directions: linear readings of z, and steps that move one of them and little else.

Readings are ridge regressions of measured scores on z (InterFaceGAN, Shen et al. 2020, uses an
SVM's normal; a regression uses all faces, not only those near the boundary). Moving along a
reading's own normal moves every correlated reading, too (``Fit.plain``: before projection). The
fitted direction moves its own reading by one unit and the others as little as one step for all
faces can: least mean square of the others' moves over faces, from derivatives at each of them
(``projected``; the many-attribute form of InterFaceGAN's conditional manipulation). Without
derivatives it is a ridge-damped pseudo-inverse of the readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict

from app.engine.attribute_net import Read

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Wanted:
    """One slider to fit: where its score comes from and how the vocabulary names its ends.

    ``score``: ``measure:NAME`` or ``class:ATTRIBUTE=HIGH[/LOW]``. ``sign`` turns a score round.
    """

    name: str
    attribute: str
    score: str
    low_value: str = ""
    high_value: str = ""
    region: str = "whole"
    unit: str = "sd"
    holistic: bool = False
    sign: float = 1.0


# no hats: with 42 labelled ones, what is found only darkens the forehead
WANTED: tuple[Wanted, ...] = (
    Wanted("age", "age", "measure:age", region="whole", unit="years", holistic=True),
    Wanted("sex", "sex", "class:sex=female/male", "male", "female", holistic=True),
    Wanted("build", "build", "class:build=heavy/average", "thin", "heavy", holistic=True),
    Wanted("ethnicity_white", "ethnicity", "class:ethnicity=white", "", "white", holistic=True),
    Wanted("ethnicity_black", "ethnicity", "class:ethnicity=black", "", "black", holistic=True),
    Wanted(
        "ethnicity_east_asian",
        "ethnicity",
        "class:ethnicity=east_asian",
        "",
        "east_asian",
        holistic=True,
    ),
    Wanted(
        "ethnicity_south_asian",
        "ethnicity",
        "class:ethnicity=south_asian",
        "",
        "south_asian",
        holistic=True,
    ),
    Wanted("skin", "skin", "measure:skin_l", "very_dark", "very_light", "skin"),
    Wanted("wrinkles", "wrinkles", "class:wrinkles=strong/none", "none", "strong", "skin"),
    Wanted(
        "expression_smiling",
        "expression",
        "class:expression=smiling/neutral",
        "neutral",
        "smiling",
        "mouth",
    ),
    Wanted("face_width", "face_width", "measure:face_width", "narrow", "wide", "whole"),
    Wanted("face_shape_round", "face_shape", "class:face_shape=round", "", "round", "whole"),
    Wanted("face_shape_square", "face_shape", "class:face_shape=square", "", "square", "whole"),
    Wanted("face_shape_long", "face_shape", "class:face_shape=long", "", "long", "whole"),
    Wanted("jaw", "jaw", "measure:jaw_width", "narrow", "wide", "jaw"),
    Wanted("chin", "chin", "measure:chin_width", "pointed", "square", "jaw"),
    Wanted("chin_length", "chin", "measure:chin_height", "receding", "prominent", "jaw"),
    Wanted("forehead", "forehead", "measure:forehead", "low", "high", "forehead"),
    Wanted("hair_color_black", "hair_color", "class:hair_color=black", "", "black", "hair"),
    Wanted("hair_color_brown", "hair_color", "class:hair_color=brown", "", "brown", "hair"),
    Wanted("hair_color_blond", "hair_color", "class:hair_color=blond", "", "blond", "hair"),
    Wanted("hair_color_red", "hair_color", "class:hair_color=red", "", "red", "hair"),
    Wanted("hair_color_grey", "hair_color", "class:hair_color=grey", "", "grey", "hair"),
    Wanted("hair_length", "hair_length", "class:hair_length=long/short", "short", "long", "hair"),
    Wanted("hair_length_bald", "hair_length", "class:hair_length=bald", "", "bald", "hair"),
    Wanted("hair_type", "hair_type", "class:hair_type=curly/straight", "straight", "curly", "hair"),
    Wanted(
        "hair_style_fringe", "hair_style", "class:hair_style=fringe/other", "", "fringe", "hair"
    ),
    Wanted(
        "hairline", "hairline", "class:hairline=receding/straight", "straight", "receding", "hair"
    ),
    Wanted("eyebrows", "eyebrows", "class:eyebrows=bushy/thin", "thin", "bushy", "eyebrows"),
    Wanted("eyebrows_arched", "eyebrows", "measure:brow_arch", "straight", "arched", "eyebrows"),
    Wanted("eyebrow_height", "eyebrows", "measure:brow_height", "", "", "eyebrows"),
    Wanted("eye_color", "eye_color", "class:eye_color=blue/brown", "brown", "blue", "eyes"),
    Wanted("eye_size", "eye_size", "measure:eye_size", "small", "big", "eyes"),
    Wanted("eye_spacing", "eye_spacing", "measure:eye_spacing", "close", "wide", "eyes"),
    Wanted("eye_shape_narrow", "eye_shape", "measure:eye_narrow", "round", "narrow", "eyes"),
    Wanted("nose_size", "nose_size", "class:nose_size=big/small", "small", "big", "nose"),
    Wanted("nose_length", "nose_length", "measure:nose_length", "short", "long", "nose"),
    Wanted("nose_width", "nose_width", "measure:nose_width", "narrow", "wide", "nose"),
    Wanted("mouth", "mouth", "measure:mouth_width", "small", "wide", "mouth"),
    Wanted("lips", "lips", "class:lips=full/thin", "thin", "full", "mouth"),
    Wanted("mouth_open", "expression", "measure:mouth_open", "", "mouth_open", "mouth"),
    Wanted("moustache", "moustache", "class:moustache=yes/none", "none", "yes", "mouth"),
    Wanted("beard", "beard", "class:beard=full/none", "none", "full", "jaw"),
    Wanted("beard_stubble", "beard", "class:beard=stubble/none", "", "stubble", "jaw"),
    Wanted("glasses", "glasses", "class:glasses=clear/none", "none", "clear", "eyes"),
)

# readings of the same thing under two names must not be held still against each other
FAMILIES: tuple[frozenset[str], ...] = (
    frozenset(
        {"face_width", "face_shape_round", "face_shape_long", "face_shape_square", "build", "jaw"}
    ),
    frozenset(
        {
            "ethnicity_white",
            "ethnicity_black",
            "ethnicity_east_asian",
            "ethnicity_south_asian",
            "skin",
        }
    ),
    frozenset({f"hair_color_{c}" for c in ("black", "brown", "blond", "red", "grey")}),
    frozenset({"hair_length", "hair_length_bald", "hairline"}),
    frozenset({"eye_size", "eye_shape_narrow"}),
    frozenset({"nose_size", "nose_width", "nose_length"}),
    frozenset({"mouth", "expression_smiling", "mouth_open"}),
    frozenset({"beard", "beard_stubble"}),
    frozenset({"chin", "chin_length", "jaw"}),
    frozenset({"age", "wrinkles", "hair_color_grey"}),
    frozenset({"eyebrows_arched", "eyebrow_height"}),
)


YEARS_OF_SD = 14.0  # of the age of the faces
DAMPING = 0.1  # of the projection, share of the mean square move
STILL = 3.0  # weight of what is held still, in the same unit


@dataclass(frozen=True, eq=False)
class Fit:
    """One fitted direction in z: ``vector`` moves the own reading by one unit; ``reader`` reads it.

    ``reading = z @ reader + bias`` in units (years for age, else standard deviations of the score
    over the faces fitted on). ``quality`` is the cross-validated R2 of the reading, 0..1.
    ``plain`` is the step before projection, along the reading's own normal.
    """

    wanted: Wanted
    vector: Array
    reader: Array
    bias: float
    score_mean: float
    score_std: float
    quality: float
    plain: Array

    @property
    def unit_sd(self) -> float:
        """One standard deviation of the reading, in its unit."""
        return YEARS_OF_SD if self.wanted.unit == "years" else 1.0


def kin_of(name: str) -> set[str]:
    """Directions that read the same thing under another name, ``name`` itself included."""
    return {name}.union(*(f for f in FAMILIES if name in f))


def projected(fits: Sequence[Fit], jacobians: Array, still: Array | None = None) -> list[Fit]:
    """The fits with steps that move as little else as can be, on the mean over faces.

    ``jacobians`` [faces, k, d]: derivatives of every fit's own score by z. For each fit the step v
    minimises the mean over faces of the squared moves of all readings that are not its kin, with
    its own mean move fixed at one unit; lightly damped, and kept out of ``still`` [m, d], what an
    array of faces holds still (pose, light).
    """
    sd = np.array([f.score_std * f.unit_sd for f in fits])
    j = jacobians.astype(np.float64) / sd[:, None]  # [faces, k, d] in standard deviations
    every = np.einsum("fkd,fke->de", j, j) / len(j)  # [d, d]
    size = np.trace(every) / len(every)
    extra = DAMPING * size * np.eye(len(every))
    if still is not None:
        extra += STILL * size * (still.T.astype(np.float64) @ still)
    out = []
    for i, fit in enumerate(fits):
        kin = [k for k, other in enumerate(fits) if other.wanted.name in kin_of(fit.wanted.name)]
        own = np.einsum("fkd,fke->de", j[:, kin], j[:, kin]) / len(j)
        slope = j[:, i].mean(0)  # [d]
        step = np.linalg.solve(every - own + extra, slope)
        step /= float(step @ slope) * fit.unit_sd
        plain = slope / (float(slope @ slope) * fit.unit_sd)
        out.append(replace(fit, vector=step.astype(np.float32), plain=plain.astype(np.float32)))
    return out


def fit_directions(
    z: Array, scores: dict[str, Array], *, alpha: float = 300.0, damping: float = 0.15
) -> list[Fit]:
    """Fit every wanted direction whose score is in ``scores``; z ``[n, d]``, scores each ``[n]``.

    NaN in a score marks a face that has none (hand labels).
    """
    wanted = [w for w in WANTED if w.name in scores]
    readers, biases, qualities, means, stds = [], [], [], [], []
    for w in wanted:
        seen = np.isfinite(scores[w.name])
        x, y = z[seen], scores[w.name][seen] * w.sign
        mean, std = (0.0, 1.0) if w.unit == "years" else (float(y.mean()), float(y.std()))
        model = Ridge(alpha if seen.sum() > 3000 else 1000.0).fit(x, (y - mean) / std)
        guess = cross_val_predict(Ridge(model.alpha), x, (y - mean) / std, cv=3)
        qualities.append(
            max(0.0, 1 - float(np.var(guess - (y - mean) / std) / np.var((y - mean) / std)))
        )
        readers.append(model.coef_.astype(np.float32))
        biases.append(float(model.intercept_))
        means.append(mean)
        stds.append(std)
    vectors = _invert([w.name for w in wanted], np.stack(readers), damping)
    return [
        Fit(w, v, r, b, m, s, q, (r / float(r @ r)).astype(np.float32))
        for w, v, r, b, m, s, q in zip(
            wanted, vectors, readers, biases, means, stds, qualities, strict=True
        )
    ]


def _invert(names: list[str], readers: Array, damping: float) -> list[Array]:
    norms = np.linalg.norm(readers, axis=1, keepdims=True)
    unit = readers / norms  # [k, d]
    out = []
    for i, name in enumerate(names):
        kin = set().union(*(f for f in FAMILIES if name in f)) - {name}
        keep = [i] + [j for j, other in enumerate(names) if j != i and other not in kin]
        a = unit[keep]  # [m, d], own row first
        gram = a @ a.T + damping * np.eye(len(keep))
        gram[0, 0] -= damping  # damp only the others: the own move is exact in direction
        step = a.T @ np.linalg.solve(gram, np.eye(len(keep))[0])  # [d]
        out.append((step / float(step @ readers[i])).astype(np.float32))
    return out


def scores_from_reading(read: Read, values_of: dict[str, tuple[str, ...]]) -> dict[str, Array]:
    """Scores of every wanted direction from what the attribute net read on n faces.

    A class score is a difference of log-odds (clipped to +-6), which is nearly linear in w where a
    probability saturates; a measure is taken as it is.
    """
    out: dict[str, Array] = {}
    for w in WANTED:
        kind, rest = w.score.split(":")
        if kind == "measure":
            out[w.name] = read.scalars[rest]
            continue
        attribute, ends = rest.split("=")
        high, _, low = ends.partition("/")
        p = np.clip(read.probabilities[attribute], 1e-4, 1)
        values = values_of[attribute]
        top = np.log(p[:, values.index(high)])
        base = np.log(p[:, values.index(low)] if low else 1 - p[:, values.index(high)] + 1e-4)
        out[w.name] = np.clip(top - base, -6, 6).astype(np.float32)
    return out
