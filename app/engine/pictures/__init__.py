"""Foreign pictures, videos and drawings on their way to a portrait: what answers each request."""

from __future__ import annotations

# request -> where it is answered, imported when first asked for (see runtime.py)
METHODS: dict[str, str] = {
    "ReadPicture": "app.engine.pictures.reading:read_picture",
    "EncodeFace": "app.engine.pictures.encoding:encode_face",
    "InterpolatePortraits": "app.engine.pictures.interpolate:interpolate",
}
