"""A logind, a UPower and a screen saver in a process of their own: each line on stdin is a signal.

``python -m tests.views.fake_login ADDRESS``; says ``ready`` on stdout, and ``inhibited`` or
``released`` when somebody holds off sleep or lets it come.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from PySide6.QtCore import ClassInfo, Property, QCoreApplication, QObject, QSocketNotifier, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusObjectPath,
    QDBusUnixFileDescriptor,
)

SESSION = "/org/freedesktop/login1/session/_31"


@ClassInfo({"D-Bus Interface": "org.freedesktop.login1.Manager"})
class Manager(QObject):
    """Knows one session, and gives out a pipe's end for holding off sleep."""

    @Slot(str, result=QDBusObjectPath)
    def GetSession(self, name: str) -> QDBusObjectPath:
        return QDBusObjectPath(SESSION)

    @Slot(str, str, str, str, result=QDBusUnixFileDescriptor)
    def Inhibit(self, what: str, who: str, why: str, mode: str) -> QDBusUnixFileDescriptor:
        ours, theirs = os.pipe()
        given = QDBusUnixFileDescriptor(theirs)
        os.close(theirs)
        self.notifier = QSocketNotifier(ours, QSocketNotifier.Type.Read, self)
        self.notifier.activated.connect(self._on_released)
        print("inhibited", flush=True)
        return given

    def _on_released(self) -> None:
        self.notifier.setEnabled(False)
        print("released", flush=True)


def _always(value: Any, kind: type) -> Any:
    return Property(kind, lambda self: value)


@ClassInfo({"D-Bus Interface": "org.freedesktop.login1.Session"})
class Session(QObject):
    """A session whose screen is locked."""

    Id = _always("1", str)
    LockedHint = _always(True, bool)


@ClassInfo({"D-Bus Interface": "org.freedesktop.UPower"})
class Power(QObject):
    """A laptop with a closed lid."""

    LidIsPresent = _always(True, bool)
    LidIsClosed = _always(True, bool)


SIGNALS: dict[str, tuple[str, str, str, list[Any]]] = {
    "sleep": ("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep",
              [True]),
    "awake": ("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep",
              [False]),
    "lock": (SESSION, "org.freedesktop.login1.Session", "Lock", []),
    "hint": (SESSION, "org.freedesktop.DBus.Properties", "PropertiesChanged",
             ["org.freedesktop.login1.Session", {}, ["LockedHint"]]),
    "lid": ("/org/freedesktop/UPower", "org.freedesktop.DBus.Properties", "PropertiesChanged",
            ["org.freedesktop.UPower", {}, ["LidIsClosed"]]),
    "saver": ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", [True]),
}  # fmt: skip


def main(address: str) -> None:
    """Serve until stdin ends."""
    app = QCoreApplication([])
    bus = QDBusConnection.connectToBus(address, "fake")
    for service in ("login1", "UPower"):
        assert bus.registerService(f"org.freedesktop.{service}")
    assert bus.registerService("org.gnome.ScreenSaver")
    served = {"/org/freedesktop/login1": Manager(), SESSION: Session(),
              "/org/freedesktop/login1/session/auto": Session(),
              "/org/freedesktop/UPower": Power()}  # fmt: skip
    option = QDBusConnection.RegisterOption
    for path, served_object in served.items():
        bus.registerObject(path, served_object, option.ExportAllSlots | option.ExportAllProperties)

    def on_line() -> None:
        line = sys.stdin.readline().strip()
        if not line:
            app.quit()
            return
        path, interface, name, arguments = SIGNALS[line]
        message = QDBusMessage.createSignal(path, interface, name)
        message.setArguments(arguments)
        bus.send(message)

    notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
    notifier.activated.connect(on_line)
    print("ready", flush=True)
    app.exec()


if __name__ == "__main__":
    main(sys.argv[1])
