"""Tensors and arrays inside pickles and .pt files, rebuilt as numpy arrays by own code."""

from __future__ import annotations

import io
import math
import pickletools
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.importing.opcodes import Built, Call, Inert, Refused, read_stream

MAX_FILE_BYTES = 4 << 30
MAX_STORAGE_BYTES = 1 << 30
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
STORAGE_TYPES: dict[str, str] = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8",
    "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1",
    "BoolStorage": "?",
}  # fmt: skip


@dataclass(eq=False)
class Storage(Built):
    """A flat typed buffer; ``data`` is filled in late where the file keeps buffers at its end."""

    dtype: str
    count: int
    data: npt.NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class LazyTensor(Built):
    """A view of a storage, made an array when the storage has its bytes."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> npt.NDArray[Any]:
        """A contiguous copy; Refused when the view leaves its storage."""
        data = self.storage.data
        if data is None:
            raise Refused("a tensor without its bytes")
        if len(self.size) > 8 or len(self.size) != len(self.stride):
            raise Refused("a tensor of odd shape")
        if min((self.offset, *self.size, *self.stride), default=0) < 0:
            raise Refused("a tensor with negative sizes")
        count = math.prod(self.size)
        if count == 0:
            return np.zeros(self.size, data.dtype)
        last = self.offset + sum((n - 1) * s for n, s in zip(self.size, self.stride, strict=True))
        if count > len(data) or last >= len(data):
            raise Refused("a tensor larger than its storage")
        item = data.dtype.itemsize
        view = np.lib.stride_tricks.as_strided(
            data[self.offset :], self.size, tuple(s * item for s in self.stride)
        )
        return np.array(view)


# ------------------------------------------------------------------ what a pickle may call


def _rebuild_tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> LazyTensor:
    if not isinstance(storage, Storage):
        raise Refused("a tensor without a storage")
    return LazyTensor(storage, int(offset), _ints(size), _ints(stride))


def _ints(value: Any) -> tuple[int, ...]:
    if not isinstance(value, tuple) or not all(type(v) is int for v in value):
        raise Refused("sizes that are not whole numbers")
    return value


def _rebuild_parameter(data: Any, *_: Any) -> Any:
    if not isinstance(data, LazyTensor):
        raise Refused("a parameter that is no tensor")
    return data


def _empty_dict(*arguments: Any) -> dict[Any, Any]:
    return dict(arguments[0]) if arguments and isinstance(arguments[0], dict | list) else {}


@dataclass(frozen=True)
class _Dtype(Built):
    code: str


def _dtype(code: Any, *_: Any) -> _Dtype:
    if not isinstance(code, str) or code not in {
        "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1",
    }:  # fmt: skip
        raise Refused(f"array type {str(code)[:20]!r}")
    return _Dtype(code)


def _scalar(dtype: Any, data: Any = b"") -> Any:
    if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
        raise Refused("a number of unknown type")
    kind = np.dtype("<" + dtype.code if dtype.code[0] != "b" else "?")
    if len(data) != kind.itemsize:
        raise Refused("a number of the wrong length")
    return np.frombuffer(data, kind)[0].item()


def inert(name: str) -> Call:
    """A constructor whose objects only keep their state."""

    def make(*_: Any, **__: Any) -> Inert:
        return Inert(name=name)

    return make


def _storage_bytes(data: Any) -> Storage:
    if not isinstance(data, bytes):
        raise Refused("a storage without bytes")
    value = read_legacy(io.BytesIO(data))
    if not isinstance(value, Storage):
        raise Refused("a storage that is none")
    return value


def known_calls() -> dict[str, Call | None]:
    """The names that a checkpoint may use, with this project's functions for them."""
    types = {f"torch.{name}": None for name in STORAGE_TYPES}
    return {
        **types,
        "collections.OrderedDict": _empty_dict,
        "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
        "torch._utils._rebuild_parameter": _rebuild_parameter,
        "torch.storage._load_from_bytes": _storage_bytes,
        "torch.storage.TypedStorage": None,
        "torch.storage.UntypedStorage": None,
        "numpy.dtype": _dtype,
        "numpy.core.multiarray.scalar": _scalar,
        "numpy._core.multiarray.scalar": _scalar,
        "argparse.Namespace": inert("Namespace"),
        "builtins.set": lambda *a: set(a[0]) if a else set(),
        "__builtin__.set": lambda *a: set(a[0]) if a else set(),
    }


# ------------------------------------------------------------------ torch.save files


def read_torch_file(path: Path) -> Any:
    """What ``torch.save`` wrote, zip or legacy: containers with LazyTensor leaves."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Refused("the file is larger than 4 GB")
    if zipfile.is_zipfile(path):
        return _read_zip(path)
    return read_legacy(io.BytesIO(path.read_bytes()))


def _read_zip(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        pickles = [n for n in archive.namelist() if n.endswith("/data.pkl") and n.count("/") == 1]
        if len(pickles) != 1:
            raise Refused("not a torch file: no data.pkl")
        prefix = pickles[0][: -len("data.pkl")]
        storages: dict[str, Storage] = {}

        def persistent(key: Any) -> Storage:
            storage, name = _storage_key(key)
            if name not in storages:
                raw = _member(archive, f"{prefix}data/{name}", storage)
                storage.data = np.frombuffer(raw, storage.dtype)
                storages[name] = storage
            return storages[name]

        text = _member(archive, pickles[0], None)
        return read_stream(io.BytesIO(text), known_calls(), persistent)


def _member(archive: zipfile.ZipFile, name: str, storage: Storage | None) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise Refused(f"{name[:80]} is missing from the archive") from error
    limit = MAX_STORAGE_BYTES if storage is not None else 64 << 20
    if info.file_size > limit or info.compress_type != zipfile.ZIP_STORED:
        raise Refused(f"{name[:80]} is too large or compressed")
    if storage is not None and info.file_size != storage.count * np.dtype(storage.dtype).itemsize:
        raise Refused(f"{name[:80]} has the wrong length")
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise Refused(f"{name[:80]}: {error}") from error


def _storage_key(key: Any) -> tuple[Storage, str]:
    if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
        raise Refused("a reference that is no storage")
    kind = str(getattr(key[1], "name", "")).removeprefix("torch.")
    if kind not in STORAGE_TYPES or type(key[4]) is not int or key[4] < 0:
        raise Refused(f"storage type {kind[:40]!r}")
    dtype = STORAGE_TYPES[kind]
    if key[4] * np.dtype(dtype).itemsize > MAX_STORAGE_BYTES:
        raise Refused("a storage larger than 1 GB")
    return Storage(dtype, key[4]), str(key[2])


def read_legacy(stream: io.BytesIO) -> Any:
    """The format before zip: magic, version, system, object, keys, then raw buffers."""
    storages: dict[str, Storage] = {}

    def persistent(key: Any) -> Storage:
        storage, name = _storage_key(key)
        if len(key) > 5 and key[5] is not None:
            raise Refused("storage views")
        return storages.setdefault(name, storage)

    if read_stream(stream, {}) != LEGACY_MAGIC:
        raise Refused("not a torch file")
    read_stream(stream, {})  # protocol version
    read_stream(stream, {})  # byte order and type sizes of the writing machine
    value = read_stream(stream, known_calls(), persistent)
    keys = read_stream(stream, {})
    if not isinstance(keys, list):
        raise Refused("no list of buffers")
    for key in keys:
        _fill(stream, storages, str(key))
    return value


def _fill(stream: io.BytesIO, storages: Mapping[str, Storage], key: str) -> None:
    if key not in storages:
        raise Refused("a buffer nobody asked for")
    storage = storages[key]
    count = int.from_bytes(stream.read(8), "little", signed=True)
    raw = stream.read(storage.count * np.dtype(storage.dtype).itemsize)
    if count != storage.count or len(raw) != storage.count * np.dtype(storage.dtype).itemsize:
        raise Refused("a buffer of the wrong length")
    storage.data = np.frombuffer(raw, storage.dtype)


def looks_like_pickle(path: Path) -> bool:
    """Whether the first opcodes read as a pickle."""
    with path.open("rb") as file:
        head = file.read(64)
    try:
        next(iter(pickletools.genops(head)))
    except (ValueError, StopIteration):
        return False
    return True
