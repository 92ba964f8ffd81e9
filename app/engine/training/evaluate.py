"""Measures the attribute net on held-out faces, overall and per group."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.attribute_net import AttributeNet
from app.engine.training.facedata import FaceData
from app.engine.training.targets import ORIGINS, class_targets

AGE_BANDS = ((18, 29), (30, 44), (45, 59), (60, 120))


def groups(data: FaceData, index: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.bool_]]:
    """Masks over ``index``: everyone, each sex, age band and origin."""
    out = {"all": np.ones(len(index), bool)}
    out |= {s: data.sex[index] == k for k, s in enumerate(("male", "female"))}
    for low, high in AGE_BANDS:
        out[f"age_{low}_{high}"] = (data.age[index] >= low) & (data.age[index] <= high)
    out |= {o: data.origin[index] == k for k, o in enumerate(ORIGINS)}
    return out


def evaluate_attributes(net: AttributeNet, data: FaceData) -> dict[str, Any]:
    """Figures on faces the net never saw: per attribute n, accuracy, recall, and per group.

    Sex, age and origin are measured on ``held_out`` alone; hand-labelled attributes on every
    labelled face that was kept from the net.
    """
    index = data.attribute_held_out()
    read = net.read(data.pixels[index].transpose(0, 2, 3, 1))
    masks = groups(data, index)
    apart = np.arange(len(index)) < len(data.held_out)
    figures: dict[str, Any] = {"faces": len(data.held_out), "age_mae_years": {}, "attributes": {}}
    error = np.abs(read.scalars["age"] - data.age[index])
    figures["age_mae_years"] = {
        g: _mean(error, m & apart) for g, m in masks.items() if (m & apart).sum() >= 5
    }
    for target in class_targets(data):
        wanted = target.labels[index]
        known = (wanted >= 0) & (apart | target.by_hand)
        if known.sum() < 5:
            continue
        guess = read.probabilities[target.attribute].argmax(1)
        right = guess == wanted
        named = np.asarray(target.values)
        figures["attributes"][target.attribute] = {
            "n": int(known.sum()),
            "accuracy": {
                g: _mean(right, m & known) for g, m in masks.items() if (m & known).sum() >= 5
            },
            "majority": float(np.bincount(wanted[known]).max() / known.sum()),
            "recall": {
                str(v): _mean(right, known & (wanted == k))
                for k, v in enumerate(named)
                if (known & (wanted == k)).any()
            },
            "precision": {
                str(v): _mean(right, known & (guess == k))
                for k, v in enumerate(named)
                if (known & (guess == k)).any()
            },
        }
    return figures


def _mean(values: npt.NDArray[Any], mask: npt.NDArray[np.bool_]) -> float:
    return round(float(values[mask].mean()), 4)
