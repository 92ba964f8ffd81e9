"""The evaluation page: one HTML file with tables, plots and grids that fetches nothing."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.models.resources import resource


@dataclass(frozen=True)
class Table:
    """A table; cells are text or numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A picture in the page; ``data`` is base64."""

    caption: str
    data: str = field(repr=False)
    kind: str = "png"


@dataclass(frozen=True)
class Section:
    """One part of the page."""

    title: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


def write_page(path: Path, title: str, intro: str, sections: list[Section]) -> None:
    """Write the page; every cell and caption is escaped."""
    import jinja2

    text = resource("training", "evaluation.html.j2").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True).from_string(text)
    html = template.render(title=title, intro=intro, sections=sections)
    path.write_text(html, encoding="utf-8")


def figure_table(figures: dict[str, Any], *heads: str) -> Table:
    """One row per figure."""
    rows = tuple((k.replace("_", " "), v) for k, v in figures.items() if not isinstance(v, dict))
    return Table(heads or ("figure", "value"), rows)


def group_table(by_name: dict[str, dict[str, float]], first: str) -> Table:
    """One row per group, one column per name; what was not measured (too few) is a dash."""
    groups = sorted({g for values in by_name.values() for g in values}, key=_group_order)
    rows = tuple(
        (g.replace("_", " "), *(by_name[n].get(g, "–") for n in by_name)) for g in groups
    )
    return Table((first, *(n.replace("_", " ") for n in by_name)), rows)


def _group_order(group: str) -> tuple[int, str]:
    first = {"all": 0, "male": 1, "female": 1}
    return (first.get(group, 2 if group.startswith("age_") else 3), group)


def png_picture(caption: str, png: bytes) -> Picture:
    """A finished PNG."""
    return Picture(caption, base64.b64encode(png).decode("ascii"))


def jpeg_picture(caption: str, pixels: npt.NDArray[np.uint8]) -> Picture:
    """Pixels uint8 RGB [h, w, 3] as JPEG."""
    import cv2

    done, data = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert done
    return Picture(caption, base64.b64encode(data.tobytes()).decode("ascii"), "jpeg")
