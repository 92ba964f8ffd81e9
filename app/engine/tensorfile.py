"""Reads a safetensors file against a list of what it may hold; everything else is refused."""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.models.errors import ModelError

HEADER_LIMIT = 1 << 20
FILE_LIMIT = 4 << 30
BYTES_OF = {"F32": 4, "F16": 2, "BF16": 2}
Shape = tuple[int, ...]
Bytes = bytes | bytearray | mmap.mmap


def read_bytes(path: Path) -> bytes:
    """The whole file, read once, so that what is hashed is what is parsed."""
    inside(path)
    try:
        if not path.is_file():
            raise ModelError("model.file_missing", file=str(path))
        if path.stat().st_size > FILE_LIMIT:
            raise ModelError("model.too_large", file=str(path), limit=FILE_LIMIT)
        return path.read_bytes()
    except OSError as error:
        raise ModelError("model.file_missing", file=str(path), why=str(error)) from error


def inside(path: Path) -> None:
    """Refuse a file that a symbolic link takes out of its folder."""
    folder = path.parent.resolve()
    if not path.resolve().is_relative_to(folder):
        raise ModelError("model.leaves_folder", file=str(path))


def read_tensors(
    path: Path, required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None
) -> dict[str, npt.NDArray[np.float32]]:
    """Read and check a file of exactly the ``required`` and some ``optional`` tensors."""
    return parse_tensors(bytearray(read_bytes(path)), path, required, optional or {})


def parse_tensors(
    data: Bytes, path: Path, required: Mapping[str, Shape], optional: Mapping[str, Shape]
) -> dict[str, npt.NDArray[np.float32]]:
    """float32 arrays from the bytes of a safetensors file: single precision looks at ``data``
    (which then stays as long as they do), half precision is widened.

    ModelError names the file and what is wrong with it: header, name, shape, type, offsets, length,
    or a value that is not finite.
    """
    header, start = read_header(data, path)
    header.pop("__metadata__", None)
    allowed = {**required, **optional}
    for name, entry in header.items():
        if name not in allowed:
            raise ModelError("model.unexpected_tensor", file=str(path), tensor=name[:200])
        _check_entry(path, name, entry, allowed[name])
    missing = sorted(set(required) - set(header))
    if missing:
        raise ModelError("model.missing_tensor", file=str(path), tensor=missing[0])
    _check_offsets(path, header, len(data) - start)
    return {name: _tensor(data, start, path, name, entry) for name, entry in header.items()}


def read_header(data: Bytes, path: Path) -> tuple[dict[str, Any], int]:
    """The JSON header and where the tensors begin; sizes are checked before anything is parsed."""
    if len(data) < 8:
        raise ModelError("model.truncated", file=str(path))
    length = int.from_bytes(data[:8], "little")
    if length > HEADER_LIMIT:
        raise ModelError("model.header_too_large", file=str(path), bytes=length, limit=HEADER_LIMIT)
    if 8 + length > len(data):
        raise ModelError("model.truncated", file=str(path))
    try:
        header = json.loads(bytes(data[8 : 8 + length]), object_pairs_hook=_no_repeats)
        if not isinstance(header, dict):
            raise ValueError("not a table")
    except (ValueError, RecursionError) as error:
        raise ModelError("model.header_unreadable", file=str(path), why=str(error)) from error
    return header, 8 + length


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({k for k, _ in pairs}) != len(pairs):
        raise ValueError("a name appears twice")
    return dict(pairs)


def _check_entry(path: Path, name: str, entry: Any, shape: Shape) -> None:
    try:
        dtype, found = entry["dtype"], tuple(entry["shape"])
        begin, end = entry["data_offsets"]
        whole = all(type(n) is int and n >= 0 for n in (*found, begin, end))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("model.header_unreadable", file=str(path), why=name[:200]) from error
    if not whole:
        raise ModelError("model.header_unreadable", file=str(path), why=name[:200])
    if dtype not in BYTES_OF:
        raise ModelError("model.wrong_type", file=str(path), tensor=name, found=str(dtype)[:20])
    if found != shape:
        raise ModelError(
            "model.wrong_shape", file=str(path), tensor=name, found=found[:8], expected=shape
        )
    if end - begin != BYTES_OF[dtype] * math.prod(shape):
        raise ModelError("model.bad_offsets", file=str(path), tensor=name)


def _check_offsets(path: Path, header: Mapping[str, Any], size: int) -> None:
    at = 0
    for begin, end, name in sorted((*e["data_offsets"], n) for n, e in header.items()):
        if begin != at:
            raise ModelError("model.bad_offsets", file=str(path), tensor=name)
        at = end
    if at > size:
        raise ModelError("model.truncated", file=str(path))
    if at < size:
        raise ModelError("model.bad_offsets", file=str(path), tensor="(bytes after the last)")


def _tensor(
    data: Bytes, start: int, path: Path, name: str, entry: Mapping[str, Any]
) -> npt.NDArray[np.float32]:
    begin, _ = entry["data_offsets"]
    shape, dtype = tuple(entry["shape"]), entry["dtype"]
    count = math.prod(shape)
    kind = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}[dtype]
    raw = np.frombuffer(data, kind, count, start + begin)
    if dtype == "BF16":
        array = (raw.astype(np.uint32) << 16).view(np.float32)
    else:
        array = np.require(raw.astype(np.float32, copy=False), requirements="A")
    if not np.isfinite(array).all():
        raise ModelError("model.not_finite", file=str(path), tensor=name)
    return array.reshape(shape)
