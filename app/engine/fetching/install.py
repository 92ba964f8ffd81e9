"""From an offer to a model in its place: fetched or given, verified, unpacked, moved in whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from app.engine.fetching.download import FULL, Progress, download
from app.engine.fetching.unpack import refused, unpack
from app.models.errors import BadInput, ModelError
from app.models.offers import Offer
from app.models.places import data_folder
from app.models.store_base import StoreError
from app.models.store_files import Lock

ROOM = 20_000_000  # bytes that are left free beside what is needed


def place_of(offer: Offer) -> Path:
    """The folder that the model ends in: where dictation and the face models look by themselves."""
    own = data_folder()
    return own / ("speech" if offer.kind == "speech" else "models") / offer.name


def is_installed(offer: Offer) -> bool:
    """Whether the whole model is in its place."""
    from app.engine.speech.vosk_models import is_vosk_model

    folder = place_of(offer)
    return is_vosk_model(folder) if offer.kind == "speech" else (folder / "model.toml").is_file()


def fetch(offer: Offer, on_progress: Progress, *, url: str = "", given: Path | None = None) -> Path:
    """Put the model in its place and return its folder; at once when it is there already.

    ``url`` is another place of the same file, ``given`` the file itself, brought by hand: both are
    held to the same size and hash. BadInput ``fetch.*``: not_pinned, running, wrong_hash,
    wrong_size, no_space, bad_archive, not_a_model, not_written, and those of ``download``.
    """
    if not offer.is_pinned:
        raise BadInput("fetch.not_pinned", name=offer.name)
    target = place_of(offer)
    if is_installed(offer):
        return target
    downloads = target.parents[1] / "downloads"
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(downloads / offer.name)
    except StoreError as error:
        raise BadInput("fetch.running", name=offer.name) from error
    except OSError as error:
        raise BadInput("fetch.not_written", file=str(downloads), why=str(error)) from error
    try:
        if given is None:
            _bring(offer, url or offer.url, downloads, on_progress)
        else:
            _install(offer, _verified(given, offer, keep=True), target)
    finally:
        lock.release()
    return target


def _bring(offer: Offer, url: str, downloads: Path, on_progress: Progress) -> None:
    part = downloads / f"{offer.sha256}.part"
    have = part.stat().st_size if part.is_file() else 0
    _need_room(downloads, offer.size - have + offer.unpacked_limit)
    download(url, part, offer.size, on_progress)
    whole = downloads / (Path(urlsplit(offer.url).path).name or offer.name)
    os.replace(_verified(part, offer, keep=False), whole)
    try:
        _install(offer, whole, place_of(offer))
    finally:
        whole.unlink(missing_ok=True)


def _verified(path: Path, offer: Offer, keep: bool) -> Path:
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput("file.missing", file=str(path)) from error
    if size != offer.size or found != offer.sha256:
        if not keep:
            path.unlink()
        if size != offer.size:
            raise BadInput("fetch.wrong_size", url=path.name, size=offer.size, found=size)
        raise BadInput("fetch.wrong_hash", name=offer.name, expected=offer.sha256, found=found)
    return path


def _install(offer: Offer, file: Path, target: Path) -> None:
    """Made beside its place and moved there whole: nothing half done is ever found."""
    _need_room(target.parent, offer.unpacked_limit)
    draft = Path(tempfile.mkdtemp(prefix=".fetching-", dir=target.parent))
    try:
        made = _speech(offer, file, draft) if offer.kind == "speech" else _face(offer, file, draft)
        if target.exists():  # broken: is_installed() said no
            os.replace(target, draft / "before")
        os.replace(made, target)
    except OSError as error:
        code = "fetch.no_space" if error.errno in FULL else "fetch.not_written"
        raise BadInput(code, file=str(target.parent), why=str(error)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _speech(offer: Offer, file: Path, draft: Path) -> Path:
    from app.engine.speech.vosk_models import is_vosk_model

    unpack(file, draft, offer.unpacked_limit)
    top = list(draft.iterdir())
    if len(top) != 1 or top[0].name != offer.name:
        raise refused(file, f"it does not hold one folder {offer.name}")
    if not is_vosk_model(top[0]):
        raise BadInput("fetch.not_a_model", name=offer.name)
    return top[0]


def _face(offer: Offer, file: Path, draft: Path) -> Path:
    from app.engine.importing.convert import import_model

    try:
        import_model(file, draft / offer.name, licence=f"{offer.licence} ({offer.by})")
    except ModelError as error:
        raise BadInput("fetch.not_a_model", name=offer.name) from error
    return draft / offer.name


def _need_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + ROOM:
        raise BadInput(
            "fetch.no_space", file=str(folder), why=f"{(needed + ROOM) // 10**6} MB are needed, "
            f"{free // 10**6} MB are free",
        )  # fmt: skip
