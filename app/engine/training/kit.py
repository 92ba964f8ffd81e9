"""Writes a training kit of prepared faces: pictures, labels, mesh points and appearance codes.

Codes are those of an active appearance model (Cootes, Edwards and Taylor 2001): principal
components of shape and of shape-free texture together, each of unit variance, with the scale that
says how much of the look it carries. They belong to these faces; no other set is needed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import Delaunay
from sklearn.decomposition import PCA

from app.engine.landmark_net import POINTS, LandmarkNet, find_aligned
from app.models.errors import BadInput

Pixels = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float32]
LEAST_FACES = 20
CODES = 256
TEXTURE = 48  # side of the shape-free texture in pixels
MOST_FITTED = 4000
SHAPE_SHARE = 1.0  # how much of the whole variance the shape gets, texture = 1
MESH_NOISE_PX = 1.0
WEBP_QUALITY = 92


def write_kit(
    folder: Path,
    faces: Pixels,
    entries: list[dict[str, Any]],
    landmarks: LandmarkNet,
    shape: dict[str, Array],
) -> dict[str, Any]:
    """Write faces.npz, points.npz, codes.npz and labels.json for ``faces`` uint8 RGB
    [n, 128, 128, 3]; ``shape`` holds mean [936] and basis [k, 936] of the mesh (shape.safetensors).

    Returns figures. BadInput ``training.too_few_faces`` under twenty.
    """
    if len(faces) < LEAST_FACES:
        raise BadInput("training.too_few_faces", count=len(faces), least=LEAST_FACES)
    points = whole_mesh(_found(landmarks, faces), shape["mean"], shape["basis"])  # [n, 468, 2]
    z, scale, explained = appearance_codes(faces, points)
    folder.mkdir(parents=True, exist_ok=True)
    packed = [_webp(face) for face in faces]
    labels = np.array([[e["age"], e["sex"], e["origin"]] for e in entries]).round()
    np.savez(
        folder / "faces.npz", data=np.frombuffer(b"".join(packed), np.uint8),
        off=np.cumsum([0, *(len(p) for p in packed)]), lab=labels.astype(np.int16),
    )  # fmt: skip
    np.savez(folder / "points.npz", pts=points)
    np.savez(folder / "codes.npz", z=z.astype(np.float16), scale=scale)
    hand = {str(i): e["hand"] for i, e in enumerate(entries) if e["hand"]}
    by_hand = sum(len(e["said"]) == 3 for e in entries)
    told = {"watermarked": [], "labels": hand, "age_sex_origin_by_hand": by_hand,
            "age_sex_origin_read_by_a_net": len(entries) - by_hand}  # fmt: skip
    (folder / "labels.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    return {"faces": len(faces), "codes": int((scale > 0).sum()),
            "variance_explained": round(explained, 4), "labelled_by_hand": by_hand}  # fmt: skip


def _found(landmarks: LandmarkNet, faces: Pixels) -> Array:
    parts = np.array_split(faces, max(1, len(faces) // 32))
    found = np.concatenate([find_aligned(landmarks, part)[0] for part in parts])
    return (found * faces.shape[1]).astype(np.float32)  # [n, 72, 2] in pixels


def whole_mesh(found: Array, mean: Array, basis: Array) -> Array:
    """Found points [n, 72, 2] (pixels) -> mesh points float32 [n, 468, 2]: the likeliest faces of
    the shape model (codes of unit variance) that pass near them."""
    columns = np.concatenate([[2 * p, 2 * p + 1] for p in POINTS])
    seen = basis[:, columns].astype(np.float64) / MESH_NOISE_PX  # [k, 144]
    gap = (found.reshape(len(found), -1) - mean[columns]) / MESH_NOISE_PX  # [n, 144]
    codes = np.linalg.solve(seen @ seen.T + np.eye(len(seen)), seen @ gap.T).T  # [n, k]
    mesh = (mean + codes @ basis).reshape(len(found), -1, 2)
    mesh[:, list(POINTS)] = found
    return mesh.astype(np.float32)


def appearance_codes(faces: Pixels, points: Array) -> tuple[Array, Array, float]:
    """Codes z [n, 256] of unit variance, their scale [256] (largest 1; 0 where the faces are too
    few for another component), and the share of variance that they carry."""
    shape = points.reshape(len(points), -1).astype(np.float32)
    texture = shape_free(faces, points).reshape(len(faces), -1)  # [n, TEXTURE * TEXTURE * 3]
    shape, texture = shape - shape.mean(0), texture - texture.mean(0)
    weight = np.sqrt(SHAPE_SHARE * np.square(texture).sum() / np.square(shape).sum())
    both = np.concatenate([shape * weight, texture], 1)  # [n, 936 + texture]
    fitted = np.random.default_rng(0).permutation(len(both))[:MOST_FITTED]
    count = min(CODES, len(fitted) - 1)
    pca = PCA(count, svd_solver="randomized", random_state=0).fit(both[fitted])
    deviation = np.sqrt(pca.explained_variance_)
    z, scale = np.zeros((len(both), CODES), np.float32), np.zeros(CODES, np.float32)
    z[:, :count] = pca.transform(both) / np.maximum(deviation, 1e-6)
    scale[:count] = deviation / deviation[0]
    return z, scale, float(pca.explained_variance_ratio_.sum())


def shape_free(faces: Pixels, points: Array) -> Array:
    """Every face warped so that its mesh lies where the mean one does: [n, TEXTURE, TEXTURE, 3]."""
    size = faces.shape[1]
    middle, edge = size / 2, np.array([0, size / 2, size - 1])
    frame = np.array([(x, y) for x in edge for y in edge if (x, y) != (middle, middle)])
    mean = np.concatenate([points.mean(0), frame])  # [468 + 8, 2]
    net = Delaunay(mean)
    at = (np.arange(TEXTURE) + 0.5) * size / TEXTURE - 0.5
    grid = np.stack(np.meshgrid(at, at), 2).reshape(-1, 2).clip(0, size - 1)
    triangle = net.find_simplex(grid)
    turn = net.transform[triangle]  # [cells, 3, 2]
    part = np.einsum("nij,nj->ni", turn[:, :2], grid - turn[:, 2])
    weights = np.concatenate([part, 1 - part.sum(1, keepdims=True)], 1)  # [cells, 3]
    corners = net.simplices[triangle]  # [cells, 3]
    out = np.empty((len(faces), TEXTURE, TEXTURE, 3), np.float32)
    for i, (face, own) in enumerate(zip(faces, points, strict=True)):
        source = np.concatenate([own, frame])[corners]  # [cells, 3, 2]
        place = (source * weights[..., None]).sum(1).astype(np.float32)
        maps = place.reshape(TEXTURE, TEXTURE, 2)
        out[i] = cv2.remap(face, maps, None, cv2.INTER_AREA)  # type: ignore[call-overload]
    return out


def _webp(face: Pixels) -> bytes:
    done, data = cv2.imencode(".webp", face[:, :, ::-1], [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY])
    if not done:
        raise BadInput("out.not_written", file="faces.npz")
    return bytes(data.tobytes())
