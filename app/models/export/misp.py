"""A MISP event object of template facial-composite, for sharing between services."""

from __future__ import annotations

import base64
import uuid
from typing import Any

TEMPLATE_UUID = "d727bc27-d1b9-4754-972c-dea305bd5976"  # misp-objects, facial-composite, version 1
# The template's list of techniques has no generative entry; MISP takes other values in that field.
TECHNIQUE = "generative model (StyleGAN2), Portrait Parle"


def facial_composite(png: bytes, name: str, text: str, seed: str) -> dict[str, Any]:
    """The object as MISP imports it; its uuids follow from ``seed``, so two exports agree."""
    fields = (
        ("facial-composite", "attachment", "External analysis", name,
         {"data": base64.b64encode(png).decode("ascii")}),
        ("technique", "text", "Other", TECHNIQUE, {"disable_correlation": True}),
        ("text", "text", "Other", text, {"disable_correlation": True}),
    )  # fmt: skip
    attributes = [
        {
            "uuid": _uuid(seed, relation),
            "object_relation": relation,
            "type": kind,
            "category": category,
            "value": value,
            "to_ids": False,
            **more,
        }
        for relation, kind, category, value, more in fields
    ]
    return {
        "Object": {
            "uuid": _uuid(seed, "object"),
            "name": "facial-composite",
            "meta-category": "misc",
            "description": "An object which describes a facial composite.",
            "template_uuid": TEMPLATE_UUID,
            "template_version": "1",
            "Attribute": attributes,
        }
    }


def _uuid(seed: str, part: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"portrait-parle:{seed}:{part}"))
