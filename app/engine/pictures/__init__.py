"""Foreign pictures, videos and drawings on their way to a portrait: what answers each request."""

from __future__ import annotations

# request -> where it is answered, imported when first asked for (see runtime.py)
METHODS: dict[str, str] = {
    "ReadPicture": "app.engine.pictures.reading:read_picture",
    "EncodeFace": "app.engine.pictures.encoding:encode_face",
    "EncodeFrames": "app.engine.pictures.encoding:encode_frames",
    "ScanVideo": "app.engine.pictures.video:scan_video",
    "SketchToFace": "app.engine.pictures.from_sketch:sketch_to_face",
    "EnhanceFace": "app.engine.pictures.enhance:enhance_face",
    "InterpolatePortraits": "app.engine.pictures.interpolate:interpolate",
}
