"""The program's one way out: a pinned file over HTTPS, resumed where an earlier try broke off.

Nothing else in the program opens a connection, and tests/test_project.py holds that. Only the
command ``models fetch`` and the window's "Get a better recogniser" come here, each after the
licence was shown and accepted.
"""

from __future__ import annotations

import errno
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from app import __version__
from app.models.errors import BadInput

WAIT_S = 30.0
TRIES = 4  # each must bring something, else the next is left to the officer
BLOCK = 1 << 16
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)

Progress = Callable[[int, int], None]  # bytes here, bytes in all


class _Broken(Exception):
    """The line went dead; what came before it is kept."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A pinned file lies where the list says, or nowhere."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any,
                         newurl: str) -> None:  # fmt: skip
        raise BadInput("fetch.redirected", url=req.full_url, to=newurl)


def download(url: str, part: Path, size: int, on_progress: Progress) -> None:
    """Bring ``part`` to ``size`` bytes of ``url``, beginning after what it holds already.

    BadInput ``fetch.bad_address`` (not HTTPS), ``.unreachable``, ``.server_refused``,
    ``.redirected``, ``.wrong_size``, ``.cut_off`` (run again to go on), ``.no_space``,
    ``.not_written``. What arrived stays in ``part`` unless it cannot belong to the file.
    """
    _check_address(url)
    for _ in range(TRIES):
        before = _length(part)
        if before == size:
            on_progress(size, size)
            return
        try:
            _receive(url, part, size, before, on_progress)
        except _Broken as error:
            if _length(part) <= before:
                raise BadInput("fetch.unreachable", url=url, why=str(error)) from error
    if (done := _length(part)) != size:
        raise BadInput("fetch.cut_off", url=url, done=done, size=size)


def _receive(url: str, part: Path, size: int, have: int, on_progress: Progress) -> None:
    if have > size:
        part.unlink()
        have = 0
    with _answer(url, have) as answer:
        start = _start(answer, url, have, size)
        try:
            with open(part, "r+b" if start else "wb") as file:
                file.seek(start)
                file.truncate()
                _copy(answer, file, start, size, on_progress)
        except OSError as error:
            code = "fetch.no_space" if error.errno in FULL else "fetch.not_written"
            raise BadInput(code, file=str(part.parent), why=str(error)) from error
    if _length(part) > size:
        part.unlink()
        raise BadInput("fetch.wrong_size", url=url, size=size, found=f"more than {size}")


def _copy(
    answer: http.client.HTTPResponse, file: IO[bytes], done: int, size: int, on_progress: Progress
) -> None:
    while done <= size and (block := _block(answer)):
        file.write(block)
        done += len(block)
        on_progress(min(done, size), size)


def _block(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read1(BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(str(error)) from error


def _answer(url: str, have: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": f"portrait-parle/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    is_near = urlsplit(url).hostname in LOOPBACK
    proxies = urllib.request.ProxyHandler({} if is_near else None)
    opener = urllib.request.build_opener(proxies, _NoRedirect())
    try:
        request = urllib.request.Request(url, headers=headers)
        answer: http.client.HTTPResponse = opener.open(request, timeout=WAIT_S)
    except urllib.error.HTTPError as error:
        with error:
            raise BadInput("fetch.server_refused", url=url, status=error.code) from error
    except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
        raise _Broken(str(getattr(error, "reason", error))) from error
    return answer


def _start(answer: http.client.HTTPResponse, url: str, have: int, size: int) -> int:
    """From which byte on the answer goes; BadInput when it cannot be the file."""
    told = answer.headers.get("Content-Length")
    if answer.status != http.client.PARTIAL_CONTENT:
        start, whole = 0, int(told) if told and told.isdigit() else size
    else:
        found = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        start, whole = (int(found[1]), int(found[2])) if found else (-1, size)
        if start != have:
            raise BadInput("fetch.server_refused", url=url, status="another part than asked for")
    if whole != size:
        raise BadInput("fetch.wrong_size", url=url, size=size, found=whole)
    return start


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_near):
        raise BadInput("fetch.bad_address", url=url)


def _length(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0
