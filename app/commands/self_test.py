"""``self-test``: without a screen, from resources to a verified export, each step checked."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = "He was a man of about forty with dark hair and a wide nose, maybe a beard."
PASSPHRASE = "seven quiet owls look at the moon"
PATIENCE_S = 90.0
NEEDED = ("attributes.toml", "words.txt", "themes", "lexicon", "models", "schemas", "formats")


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    from app.commands.output import add_json

    parser = subparsers.add_parser(
        "self-test",
        help="drive one loop end to end without a screen",
        description="Finds the resources, verifies the models, and drives the real window (off "
        "screen) from a description to a sealed, verified export.",
    )
    parser.add_argument("--out", type=Path, help="keep case.ppcase and bundle.zip in this folder")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run every step; exit 0 when all of them hold, 1 with the step that failed."""
    from app.commands.output import emit

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        out = _prepared(args.out) if args.out else Path(scratch)
        test = SelfTest(out)
        failed = test.run()
    result = {
        "ok": not failed, "steps": test.steps, "failed": failed,
        "case": str(out / "case.ppcase") if args.out else None,
        "bundle": str(out / "bundle.zip") if args.out else None,
        "passphrase": PASSPHRASE if args.out else None,
    }  # fmt: skip
    lines = [f"{s['step']:<22}{s['seconds']:>7.2f} s  {s['what']}" for s in test.steps]
    lines.append(f"failed: {failed}" if failed else "all steps hold")
    if args.out:
        lines.append(f"case.ppcase and bundle.zip in {out}; passphrase: {PASSPHRASE}")
    code = emit(args, result, lines)
    return 1 if failed else code


def _prepared(out: Path) -> Path:
    from app.commands.faces_io import out_folder
    from app.models.errors import BadInput

    out_folder(out)
    for name in ("case.ppcase", "bundle.zip"):
        if (out / name).exists():
            raise BadInput("out.exists", file=str(out / name))
    return out


class SelfTest:
    """The steps, in order; the first failure ends them."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.steps: list[dict[str, Any]] = []
        self.window: Any = None
        self.problems: list[str] = []

    def run(self) -> str:
        """The name of the step that failed and why, empty when all held."""
        from app.commands.output import progress

        steps = (
            self.resources, self.models, self.open_window, self.load_model, self.new_case,
            self.interview, self.description, self.first_array, self.second_array, self.refine,
            self.judgement, self.export, self.reopen, self.verify,
        )  # fmt: skip
        try:
            for number, step in enumerate(steps):
                name = step.__name__.replace("_", " ")
                progress(name, number, len(steps))
                started = time.monotonic()
                try:
                    what = step()
                except Exception as error:
                    return f"{name}: {error or type(error).__name__}"
                seconds = round(time.monotonic() - started, 3)
                self.steps.append({"step": name, "seconds": seconds, "what": what})
            return ""
        finally:
            if self.window is not None:
                self.window.controller.shut_down()
                self.window.close()

    # ---- steps: each returns what it found, or raises

    def resources(self) -> str:
        """Everything that ships with the program is there."""
        from app.models.attributes import vocabulary
        from app.models.resources import resource

        for name in NEEDED:
            resource(name)
        return f"{len(vocabulary().names)} attributes"

    def models(self) -> str:
        """Every installed model is as its card says."""
        from app.engine.weights import model_folders, verify_model

        found = [verify_model(folder).name for folder in model_folders()]
        _expect(found, "no model is installed")
        return ", ".join(found)

    def open_window(self) -> str:
        """The window is painted, without torch."""
        from app.engine.service import EngineService
        from app.models.settings import Settings
        from app.views.launch import make_application, make_window

        app = make_application(["portrait-parle"])
        settings = Settings(language="en", theme="light")
        self.window = make_window(app, EngineService, settings, None)
        self.window.resize(1366, 768)
        self.window.show()
        app.processEvents()
        self.controller.problem.connect(lambda error: self.problems.append(str(error)))
        return "painted"

    def load_model(self) -> str:
        """The engine answers with the bundled model."""
        self.controller.start_engine()
        self.wait(lambda: self.controller.model_ready)
        info = self.controller.model_info
        return f"{info.name}, {len(info.directions)} directions"

    def new_case(self) -> str:
        """A sealed case file."""
        from app.models.case import CaseFacts

        path = self.out / "case.ppcase"
        facts = CaseFacts("SELF-TEST", officer="self-test", language="en")
        self.controller.new_case(path, PASSPHRASE, facts)
        self.wait(lambda: self.controller.case is not None)
        return path.name

    def interview(self) -> str:
        """Questions answered, words kept."""
        from app.models.interview import QUESTIONS
        from app.models.session import Stage

        for question in QUESTIONS:
            good = next(v for v in question.values if v not in question.against)
            self.controller.set_eligibility(question.key, good)
        self.controller.set_recall(WORDS)
        self.controller.confirm_recall()
        self.wait(lambda: self.session.description.attributes)
        self.controller.go(Stage.description)
        return f"{len(self.session.description.attributes)} attributes read"

    def description(self) -> str:
        """What was said is confirmed."""
        self.controller.confirm_all()
        confirmed = self.session.description.confirmed_attributes()
        _expect({"sex", "age"} <= {a.name for a in confirmed}, "sex and age were not read")
        return ", ".join(a.name for a in confirmed)

    def first_array(self) -> str:
        """Nine different faces; two are picked."""
        from app.models.round import Answer

        faces = self.array(1)
        self.controller.answer_round(Answer.picked, (1, 4))
        return f"{len(faces)} faces"

    def second_array(self) -> str:
        """Nine more, made from the picks; one is taken on."""
        faces = self.array(2)
        self.controller.use_portrait(0)
        self.wait(lambda: self.session.portrait is not None)
        self.wait(lambda: self.controller.was_shown(self.session.portrait))
        return f"{len(faces)} faces"

    def refine(self) -> str:
        """Three sliders, undo, redo."""
        names = [d.name for d in self.controller.model_info.directions if d.unit == "sd"][:3]
        for name in names:
            self.controller.set_edit(name, 1.0, final=True)
            self.wait(lambda: self.controller.was_shown(self.session.portrait))
        last = self.session.portrait
        self.controller.undo()
        _expect(self.session.portrait != last, "undo changed nothing")
        self.controller.redo()
        _expect(self.session.portrait == last, "redo did not come back")
        self.wait(lambda: self.controller.picture(last) is not None)
        return ", ".join(names)

    def judgement(self) -> str:
        """Accepted, and rated by the witness."""
        from app.models.session import Stage

        self.controller.accept_portrait()
        self.wait(lambda: self.session.stage is Stage.validation)
        self.controller.rate(4, "self-test")
        self.wait(lambda: self.session.rating == 4)
        return "4 of 5"

    def export(self) -> str:
        """The sealed bundle is written."""
        path = self.out / "bundle.zip"
        done: list[Any] = []
        self.controller.exporter.done.connect(done.append)
        self.controller.export(path, "full")
        self.wait(lambda: done)
        _expect(path.is_file(), "no bundle was written")
        return f"{path.stat().st_size} bytes"

    def reopen(self) -> str:
        """The case closed and opened again stands where it was left."""
        left = self.session
        self.controller.close_case()
        self.wait(lambda: self.controller.case is None)
        self.controller.open_case(self.out / "case.ppcase", PASSPHRASE)
        self.wait(lambda: self.controller.case is not None)
        _expect(self.session == left, "the reopened case differs")
        self.controller.close_case()
        self.wait(lambda: self.controller.case is None)
        return "same session"

    def verify(self) -> str:
        """The independent verifier accepts the bundle."""
        command = [sys.executable, "-m", "app.main", "verify", str(self.out / "bundle.zip")]
        root = str(Path(__file__).resolve().parents[2])
        paths = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
            env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
        _expect(done.returncode == 0, (done.stderr or done.stdout).strip()[-300:])
        return "bundle accepted"

    # ---- shared

    @property
    def controller(self) -> Any:
        """The window's controller."""
        return self.window.controller

    @property
    def session(self) -> Any:
        """The session as it stands."""
        return self.controller.session

    def array(self, number: int) -> Any:
        """Ask for an array and wait until all its faces are shown and journalled."""
        self.controller.offer_round(9)
        self.wait(lambda: len(self.session.rounds) == number and self.session.open_round)
        shown = self.session.open_round.faces
        _expect(len(set(shown)) == 9, "the array's faces are not nine different ones")
        _expect(all(self.controller.was_shown(f) for f in shown), "a face was not journalled")
        return shown

    def wait(self, holds: Callable[[], object]) -> None:
        """Run the event loop until something holds; a problem or 90 s end it."""
        from PySide6.QtCore import QCoreApplication, QEventLoop

        end = time.monotonic() + PATIENCE_S
        while not holds():
            _expect(not self.problems, "; ".join(self.problems))
            _expect(time.monotonic() < end, "it took too long")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)


def _expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)
