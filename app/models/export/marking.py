"""The machine-readable mark of a generated picture: an XMP packet with IPTC's DigitalSourceType."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from app.models.errors import BadInput
from app.models.store_base import PNG_MAGIC

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED = SOURCE_TYPES + "trainedAlgorithmicMedia"
FROM_PHOTO = SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"
ENHANCED = SOURCE_TYPES + "algorithmicallyEnhanced"
LINEUP_LABEL = "lineup: generated and altered pictures - the report names each one's origin"
MATCHED_LABEL = "photograph, altered to look like the other pictures of a lineup"
KEYWORD = b"XML:com.adobe.xmp"
LABEL = "computer-generated likeness - not a photograph"


def source_type(origin: str, sources: Sequence[Any] = ()) -> str:
    """IPTC's term for a recipe's origin: a foreign picture went in, or nothing but the model.

    ``sources``: the foreign pictures that went in before the face was moved, mixed or searched on.
    """
    return FROM_PHOTO if sources or origin in ("photo", "video") else GENERATED


def member_packet(origin: str, title: str) -> str:
    """The packet of a lineup's picture, by its origin (app.models.lineup.ORIGINS)."""
    if origin in ("matched", "photo_matched"):
        return xmp_packet(ENHANCED, title, label=MATCHED_LABEL)
    made = FROM_PHOTO if origin in ("rendered", "photo_rendered") else GENERATED
    return xmp_packet(made, title)


def xmp_packet(source: str, title: str, chain: str = "", label: str = LABEL) -> str:
    """An XMP packet; ``chain`` (hex) is the head of the case's chain, for the report."""
    head = f"<ppc:chainHead>{escape(chain)}</ppc:chainHead>" if chain else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:ppc="https://portrait-parle.invalid/xmp/1.0/">'
        f"<Iptc4xmpExt:DigitalSourceType>{escape(source)}</Iptc4xmpExt:DigitalSourceType>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt>'
        "</dc:title>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(label)}</rdf:li></rdf:Alt>'
        f"</dc:description>{head}"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )


def marked(png: bytes, packet: str) -> bytes:
    """The same PNG with one more chunk behind its header; taking it out gives the same bytes."""
    if png[:8] != PNG_MAGIC or png[12:16] != b"IHDR" or len(png) < 33:
        raise BadInput("export.bad_picture", step="mark", why="no PNG", bytes=len(png))
    content = KEYWORD + b"\0\0\0\0\0" + packet.encode()
    body = b"iTXt" + content
    chunk = struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]
