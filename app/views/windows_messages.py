"""Windows tells a window that the session is locked, the machine suspends or the lid closes.

Written from Microsoft's documentation of WM_WTSSESSION_CHANGE and WM_POWERBROADCAST. What a
message means is tested everywhere; the listening itself was never run on Windows.
"""

from __future__ import annotations

import ctypes
import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication, QObject
from PySide6.QtGui import QWindow

WM_POWERBROADCAST, WM_WTSSESSION_CHANGE = 0x0218, 0x02B1
PBT_APMSUSPEND, PBT_POWERSETTINGCHANGE = 0x4, 0x8013
WTS_LEFT = {2, 4, 6, 7}  # console or remote disconnected, logged off, locked
LID = uuid.UUID("ba3e0f4d-b817-4094-a2d1-d56379e6a0f3")  # GUID_LIDSWITCH_STATE_CHANGE
LID_CLOSED = 0


class Message(ctypes.Structure):
    """MSG of winuser.h, as far as it is read."""

    _fields_ = (
        ("window", ctypes.c_void_p), ("message", ctypes.c_uint32), ("w", ctypes.c_size_t),
        ("l", ctypes.c_ssize_t),
    )  # fmt: skip


class PowerSetting(ctypes.Structure):
    """POWERBROADCAST_SETTING of winuser.h with a 32-bit value."""

    _fields_ = (
        ("setting", ctypes.c_byte * 16), ("length", ctypes.c_uint32), ("value", ctypes.c_uint32),
    )  # fmt: skip


def reason(message: int, w: int, setting: PowerSetting | None = None) -> str:
    """Why the officer left, as ``MachineWatch.away`` says it; empty for any other message."""
    if message == WM_WTSSESSION_CHANGE and w in WTS_LEFT:
        return "session"
    if message != WM_POWERBROADCAST:
        return ""
    if w == PBT_APMSUSPEND:
        return "sleep"
    if w == PBT_POWERSETTINGCHANGE and setting is not None:
        about_lid = bytes(setting.setting) == LID.bytes_le
        return "lid" if about_lid and setting.value == LID_CLOSED else ""
    return ""


class MessageFilter(QAbstractNativeEventFilter):
    """Looks at every native message and lets it pass."""

    def __init__(self, away: Callable[[str], object]) -> None:
        super().__init__()
        self._away = away

    def nativeEventFilter(  # noqa: N802 (Qt's name)
        self, kind: QByteArray | bytes | bytearray | memoryview, message: Any
    ) -> tuple[bool, int]:
        if bytes(kind) == b"windows_generic_MSG":  # type: ignore[arg-type, unused-ignore]
            read = Message.from_address(int(message))
            setting = None
            if read.message == WM_POWERBROADCAST and read.w == PBT_POWERSETTINGCHANGE:
                setting = PowerSetting.from_address(read.l)
            why = reason(read.message, read.w, setting)
            if why:
                self._away(why)
        return False, 0


class Listener(QObject):
    """A window that is never shown, registered for the session's and the lid's messages."""

    def __init__(self, away: Callable[[str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._window = QWindow()
        self._filter = MessageFilter(away)
        app = QCoreApplication.instance()
        assert app is not None
        app.installNativeEventFilter(self._filter)
        handle = ctypes.c_void_p(int(self._window.winId()))
        libraries: Any = ctypes.windll  # type: ignore[attr-defined, unused-ignore]
        libraries.wtsapi32.WTSRegisterSessionNotification(handle, 0)
        lid = (ctypes.c_byte * 16).from_buffer_copy(LID.bytes_le)
        libraries.user32.RegisterPowerSettingNotification(handle, ctypes.byref(lid), 0)
