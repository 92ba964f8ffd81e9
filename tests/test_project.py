"""What must hold of the project's source as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest

from app.commands.sentences import SENTENCES
from app.main import COMMANDS, command_module
from tests.project_source import REPOSITORY, Source, imported, sources

OWN = sources("app", "scripts", "run.py")
APP = sources("app")
MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 70
HEAVY = ("torch", "cv2", "sklearn", "scipy", "PySide6", "vosk", "pocketsphinx", "sounddevice")
NETWORK = {"socket", "ssl", "urllib", "http", "ftplib", "smtplib", "requests", "urllib3", "asyncio"}
RUNS_CODE_FROM_DATA = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"}
LITERAL_COLOUR = re.compile(
    r"""["'][^"']*\#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b"""
    r"""|\bQColor\(\s*[\d"']|\brgba?\(\s*\d|\bGlobalColor\.(?!transparent)|\bQt\.(?:black|white|red)\b""",
)


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
         "--no-logo", "--no-cache"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_too_long() -> None:
    lengths = {source.path: source.text.count("\n") for source in OWN}
    assert {p: n for p, n in lengths.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{source.path}:{node.lineno} {node.name}": length
        for source in OWN
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    }
    assert too_long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty_names = {"utils", "util", "helpers", "helper", "manager", "handler", "common", "misc"}
    assert [s.path for s in OWN if set(s.path[:-3].split("/")) & empty_names] == []


def test_every_module_says_its_job_in_one_docstring() -> None:
    assert [s.path for s in APP if not (ast.get_docstring(s.tree) or "").strip()] == []


def test_colours_live_only_in_the_themes() -> None:
    found = [
        f"{source.path}:{number} {line.strip()}"
        for source in sources("app/views")
        if not source.path.endswith("/theme.py")
        for number, line in enumerate(source.text.splitlines(), 1)
        if LITERAL_COLOUR.search(line)
    ]
    assert found == []


def test_nothing_that_runs_code_from_data_is_imported_or_called() -> None:
    found = []
    for source in OWN:
        roots = {name.partition(".")[0] for name in imported(source.tree)}
        found += [f"{source.path} imports {name}" for name in sorted(roots & RUNS_CODE_FROM_DATA)]
        found += [f"{source.path}:{call.lineno} {name}" for name, call in _dangerous(source)]
    assert found == []


def _dangerous(source: Source) -> list[tuple[str, ast.Call]]:
    banned = {"eval", "exec", "compile", "__import__", "torch.load", "os.system", "os.popen"}
    calls = [c for c in source.named_calls() if not _reads_only_tensors_while_training(source, *c)]
    pickled = [
        (f"{name}({keyword.arg}=True)", call)
        for name, call in calls
        for keyword in call.keywords
        if keyword.arg in {"allow_pickle", "shell"}
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    return [(name, call) for name, call in calls if name in banned] + pickled


def _reads_only_tensors_while_training(source: Source, name: str, call: ast.Call) -> bool:
    return (
        name == "torch.load"
        and source.path.startswith("app/engine/training/")
        and any(
            k.arg == "weights_only" and isinstance(k.value, ast.Constant) and k.value.value is True
            for k in call.keywords
        )
    )


ONLY_DOOR = "app/engine/fetching/download.py"  # models fetch, when asked


def test_nothing_opens_a_connection_but_the_fetching_of_models() -> None:
    found = [
        f"{source.path} imports {name}"
        for source in APP
        if source.path != ONLY_DOOR
        for name in sorted(set(imported(source.tree)) - {"urllib"})
        if name.partition(".")[0] in NETWORK and not name.startswith("urllib.parse")
    ]
    assert found == []


def test_only_the_command_and_the_process_behind_the_button_can_fetch() -> None:
    inside = "app.engine.fetching."
    users = {
        source.path
        for source in APP
        for name in imported(source.tree)
        if name.startswith(inside) and not source.path.startswith("app/engine/fetching/")
    }
    assert users == {"app/commands/models_fetch.py"}
    door = ONLY_DOOR.removesuffix(".py").replace("/", ".")
    opening = {s.path for s in APP if any(n.startswith(door) for n in imported(s.tree))}
    assert opening == {"app/engine/fetching/install.py"}


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_canonical(re.split(r"[<>=;\[ ]", d)[0]) for d in project["dependencies"]}
    providers = metadata.packages_distributions()
    undeclared = {
        f"{source.path}: {root}"
        for source in APP
        for name in imported(source.tree)
        if (root := name.partition(".")[0]) not in {"app", "__future__"} | sys.stdlib_module_names
        and not declared & {_canonical(p) for p in providers.get(root, [])}
    }
    assert undeclared == set()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.needs_qt
def test_every_error_code_has_a_sentence() -> None:
    from app.views.sentences import known_problems

    said = SENTENCES.keys() | known_problems() | _keys_of_tables("app/views")
    missing = {
        f"{code} ({source.path}:{node.lineno})"
        for source in APP
        for node in ast.walk(source.tree)
        for code in _codes_made_by(node)
        if code not in said
    }
    assert missing == set()


def _keys_of_tables(folder: str) -> set[str]:
    """Every literal key of a dict in the folder: pages have small tables of their own."""
    return {
        key.value
        for source in sources(folder)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _codes_made_by(node: ast.AST) -> list[str]:
    """Error codes in ``SomeError("a.b")``, ``code = "a.b"`` and ``REFUSALS = {...: "a.b"}``."""
    if isinstance(node, ast.Call) and node.args:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        return _literal_codes(node.args[0]) if name.endswith(("Error", "BadInput")) else []
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        named = node.targets[0].id
        return _literal_codes(node.value) if named == "code" or "REFUS" in named else []
    return []


def _literal_codes(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _literal_codes(node.body) + _literal_codes(node.orelse)
    if isinstance(node, ast.Dict):
        return [code for value in node.values for code in _literal_codes(value)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", node.value) else []
    return []


BUILT = [name for name in COMMANDS if command_module(name)]

IMPORT_WITHOUT_HEAVY_PACKAGES = """
import importlib, sys
from app import main
for name in sys.argv[1:]:
    importlib.import_module(main.command_module(name))
loaded = {m.partition(".")[0] for m in sys.modules}
sys.exit(", ".join(sorted(loaded & set(%r))) or 0)
"""


def test_asking_for_help_imports_nothing_heavy() -> None:
    program = IMPORT_WITHOUT_HEAVY_PACKAGES % (HEAVY,)
    done = subprocess.run(
        [sys.executable, "-c", program, *BUILT],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(
    not (REPOSITORY / "app/views/launch.py").exists(), reason="there is no window yet"
)
def test_the_window_is_imported_without_torch_or_opencv() -> None:
    program = (
        "import sys, app.views.launch; "
        "sys.exit(', '.join(sorted({'torch', 'cv2', 'sklearn', 'scipy'} & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_readme_names_every_command_and_no_picture_that_is_missing() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [name for name in BUILT if f"`{name}" not in readme] == []
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", readme)
    assert [link for link in linked if not (REPOSITORY / link).exists()] == []
