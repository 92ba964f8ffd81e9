"""Hears from the system that the officer left: sleep, a closed lid, a locked screen.

Linux says so over D-Bus (systemd-logind, UPower, the desktops' screen savers), Windows by window
messages (``windows_messages``). macOS tells nobody without a library of its own; there, and
wherever nothing else speaks, a gap in the wall clock shows afterwards that the machine slept.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import SLOT, QObject, QTimer, Signal, Slot

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

LOGIN = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
SESSION = "org.freedesktop.login1.Session"
UPOWER = ("org.freedesktop.UPower", "/org/freedesktop/UPower", "org.freedesktop.UPower")
PROPERTIES = "org.freedesktop.DBus.Properties"
SCREEN_SAVERS = (  # each its own service and interface, "ActiveChanged(bool)"
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    ("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
)
CALL_MS = 500
TICK_MS = 5_000
SLEPT_S = 30.0  # a gap in the wall clock that no busy program explains


class MachineWatch(QObject):
    """Emits ``away`` with ``sleep``, ``lid`` or ``session``; ``start`` begins to listen.

    ``sources`` names what is listened to, of ``sleep``, ``lid``, ``session`` and ``clock`` (only
    seen after waking up). Sleep is held off until ``ready`` is called, where logind allows it, so
    that the key is gone before the memory is kept awake or written out.
    """

    away = Signal(str)

    def __init__(
        self,
        system_bus: QDBusConnection | None = None,
        session_bus: QDBusConnection | None = None,
        now: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        """``system_bus`` and ``session_bus`` None: the system's own."""
        super().__init__(parent)
        self.sources: tuple[str, ...] = ()
        self._buses = (system_bus, session_bus)
        self._now, self._last = now, 0.0
        self._session_path = ""
        self._power: QDBusConnection | None = None
        self._login: QDBusConnection | None = None  # where logind was heard
        self._delay: Any = None  # a file descriptor of logind's; closing it lets the machine sleep
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Listen to whatever this system offers; what it does not offer is left out."""
        self._last = self._now()
        self._timer.start()
        heard: set[str] = {"clock"}
        if sys.platform == "win32":
            from app.views.windows_messages import Listener

            self._listener = Listener(self.away.emit, self)
            heard |= {"sleep", "lid", "session"}
        else:
            heard |= self._listen_to_buses()
        self.sources = tuple(s for s in ("sleep", "lid", "session", "clock") if s in heard)

    def stop(self) -> None:
        """Listen no more; the machine may sleep."""
        self._timer.stop()
        self.ready()

    @property
    def holds_off_sleep(self) -> bool:
        """Whether logind waits for ``ready`` before it lets the machine sleep."""
        return self._delay is not None

    def ready(self) -> None:
        """The key is gone: nothing holds off sleep any more."""
        self._delay = None

    def tick(self) -> None:
        """Look at the wall clock: a gap says that the machine slept and nobody told us."""
        now, last = self._now(), self._last
        self._last = now
        if now - last > SLEPT_S + TICK_MS / 1000:
            self.away.emit("sleep")

    # ---- D-Bus

    def _listen_to_buses(self) -> set[str]:
        try:
            from PySide6.QtDBus import QDBusConnection
        except ImportError:  # a build of Qt without it
            return set()
        system = self._buses[0] or QDBusConnection.systemBus()
        session = self._buses[1] or QDBusConnection.sessionBus()
        heard = set()
        if system.isConnected():
            heard |= self._listen_to_login(system) | self._listen_to_lid(system)
        if session.isConnected():
            heard |= self._listen_to_screen_savers(session)
        return heard

    def _listen_to_login(self, bus: QDBusConnection) -> set[str]:
        service, path, manager = LOGIN
        if not _is_there(bus, service):
            return set()
        heard = set()
        if bus.connect(service, path, manager, "PrepareForSleep", self, _slot("_on_sleep(bool)")):
            heard.add("sleep")
            self._hold_off_sleep(bus)
        self._session_path = _own_session(bus)
        ours = self._session_path
        told = bus.connect(service, ours, SESSION, "Lock", self, _slot("_on_lock()"))
        if ours:
            changed = _slot("_on_session_changed(QDBusMessage)")
            bus.connect(service, ours, PROPERTIES, "PropertiesChanged", self, changed)
        return heard | ({"session"} if told else set())

    def _listen_to_lid(self, bus: QDBusConnection) -> set[str]:
        service, path, _ = UPOWER
        if not _is_there(bus, service) or _property(bus, *UPOWER, "LidIsPresent") is not True:
            return set()
        changed = _slot("_on_power_changed(QDBusMessage)")
        told = bus.connect(service, path, PROPERTIES, "PropertiesChanged", self, changed)
        self._power = bus
        return {"lid"} if told else set()

    def _listen_to_screen_savers(self, bus: QDBusConnection) -> set[str]:
        told = [
            bus.connect(name, path, name, "ActiveChanged", self, _slot("_on_screen_saver(bool)"))
            for name, path in SCREEN_SAVERS
            if _is_there(bus, name)
        ]
        return {"session"} if any(told) else set()

    def _hold_off_sleep(self, bus: QDBusConnection) -> None:
        arguments = ["sleep", "Portrait Parlé", "The case is being locked", "delay"]
        answer = _call(bus, *LOGIN, "Inhibit", arguments)
        self._delay = answer[0] if answer else None
        self._login = bus

    @Slot(bool)
    def _on_sleep(self, begins: bool) -> None:
        if begins:
            self.away.emit("sleep")
        else:
            self._last = self._now()  # it was told; the gap says nothing new
            if self._login is not None:
                self._hold_off_sleep(self._login)

    @Slot()
    def _on_lock(self) -> None:
        self.away.emit("session")

    @Slot(bool)
    def _on_screen_saver(self, active: bool) -> None:
        if active:
            self.away.emit("session")

    @Slot("QDBusMessage")  # type: ignore[arg-type, unused-ignore]
    def _on_session_changed(self, message: QDBusMessage) -> None:
        place = (LOGIN[0], self._session_path, SESSION)
        if _property(self._login, *place, "LockedHint") is True:
            self.away.emit("session")

    @Slot("QDBusMessage")  # type: ignore[arg-type, unused-ignore]
    def _on_power_changed(self, message: QDBusMessage) -> None:
        if _property(self._power, *UPOWER, "LidIsClosed") is True:
            self.away.emit("lid")


def _slot(signature: str) -> Any:
    return SLOT(signature)  # text, which QDBusConnection wants at run time; its stub says bytes


def _call(
    bus: QDBusConnection, service: str, path: str, interface: str, method: str,
    arguments: list[Any],
) -> list[Any]:
    """The answer's arguments, empty for any error; never waits longer than half a second."""
    from PySide6.QtDBus import QDBus, QDBusMessage

    message = QDBusMessage.createMethodCall(service, path, interface, method)
    message.setArguments(arguments)
    answer = bus.call(message, QDBus.CallMode.Block, CALL_MS)
    good = answer.type() == QDBusMessage.MessageType.ReplyMessage
    return list(answer.arguments()) if good else []


def _is_there(bus: QDBusConnection, service: str) -> bool:
    own = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
    return _call(bus, *own, "NameHasOwner", [service]) == [True]


def _property(
    bus: QDBusConnection | None, service: str, path: str, interface: str, name: str
) -> object:
    if bus is None:
        return None
    answer = _call(bus, service, path, PROPERTIES, "Get", [interface, name])
    return _plain(answer[0]) if answer else None


def _plain(value: Any) -> object:
    """A D-Bus variant's content."""
    return value.variant() if hasattr(value, "variant") else value


def _own_session(bus: QDBusConnection) -> str:
    """The path of the session that this program runs in, empty for any (one user, one laptop)."""
    auto = (LOGIN[0], LOGIN[1] + "/session/auto", SESSION)
    name = os.environ.get("XDG_SESSION_ID") or _property(bus, *auto, "Id")
    answer = _call(bus, *LOGIN, "GetSession", [name]) if name else []
    if not answer:
        return ""
    path = _plain(answer[0])
    return str(path.path() if hasattr(path, "path") else path)
