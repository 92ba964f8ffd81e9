"""Whether a window can be opened here, found out before Qt would abort the process."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from app.models.errors import BadInput

BASE_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
}
XCB_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
AUDIO_LIBRARIES = {"libportaudio.so.2": "libportaudio2"}


def require_window() -> None:
    """Raise ``BadInput`` (``display.*``) where Qt would abort instead of opening a window."""
    if not sys.platform.startswith("linux"):
        return
    require_libraries(BASE_LIBRARIES)
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform not in ("", "xcb", "wayland"):
        return  # offscreen and the like need nothing more
    wayland = platform != "xcb" and _wayland_answers()
    display = os.environ.get("DISPLAY", "") if platform != "wayland" else ""
    if not wayland and not display:
        raise BadInput("display.none")
    if wayland and all(map(loads, WAYLAND_LIBRARIES)):
        return
    require_libraries(XCB_LIBRARIES if display else WAYLAND_LIBRARIES)
    if not _x_server_answers():
        raise BadInput("display.unreachable", display=display)


def require_libraries(libraries: dict[str, str]) -> None:
    """Raise ``BadInput("display.libraries")`` naming the Debian packages of what cannot load."""
    missing = {name: package for name, package in libraries.items() if not loads(name)}
    if missing:
        raise BadInput(
            "display.libraries", missing=", ".join(missing), packages=" ".join(missing.values())
        )


def loads(name: str) -> bool:
    """Whether the dynamic loader finds a shared library of that name."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    return (Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name).exists()


def _x_server_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed
