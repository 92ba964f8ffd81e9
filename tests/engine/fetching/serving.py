"""A web server on this machine that serves one file, and can be told to misbehave."""

from __future__ import annotations

import io
import random
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Serving:
    """``data`` is served at ``url``; ``cuts`` are byte counts after which an answer breaks off,
    one an answer; ``pause`` stops after so many bytes until the event; ``asked`` are the Range
    headers that came."""

    data: bytes
    cuts: list[int] = field(default_factory=list)
    redirect: str = ""
    status: int = 0
    told_length: int | None = None
    ranges: bool = True
    pause: tuple[int, threading.Event] | None = None
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(data: bytes, **how: Any) -> Iterator[Serving]:
    """Serve on 127.0.0.1 while the block runs."""
    what = Serving(data, **how)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(what))
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="file server")
    thread.start()
    what.url = f"http://127.0.0.1:{server.server_port}/model.zip"
    try:
        yield what
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(what: Serving) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            what.asked.append(asked)
            if what.redirect or what.status:
                self.send_response(302 if what.redirect else what.status)
                self.send_header("Location", what.redirect)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            first = int(asked.removeprefix("bytes=").rstrip("-")) if asked and what.ranges else 0
            whole = len(what.data) if what.told_length is None else what.told_length
            self.send_response(206 if first else 200)
            if first:
                self.send_header("Content-Range", f"bytes {first}-{whole - 1}/{whole}")
            self.send_header("Content-Length", str(whole - first))
            self.end_headers()
            last = first + what.cuts.pop(0) if what.cuts else len(what.data)
            if what.pause is not None:
                at, gate = what.pause
                self.wfile.write(what.data[first:at])
                self.wfile.flush()
                gate.wait(60)
                return
            self.wfile.write(what.data[first:last])

        def log_message(self, *_: object) -> None: ...

    return Handler


def zipped(files: dict[str, bytes], **more: Any) -> bytes:
    """A zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **more) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


NAME = "vosk-model-small-en-us-0.15"


def model_files() -> dict[str, bytes]:
    """What looks like a whole vosk model; 20 kB that do not shrink."""
    names = ("am/final.mdl", "conf/model.conf", "graph/HCLr.fst", "graph/Gr.fst")
    filler = random.Random(1).randbytes(5000)
    return {f"{NAME}/{name}": name.encode() * 30 + filler for name in names}
