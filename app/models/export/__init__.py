"""What leaves the machine: one bundle of pictures, report and chain, with a manifest of it all."""

from __future__ import annotations

from app.models.export.bundle import BundleInfo, Painter, ReportContent, export_bundle
from app.models.export.profiles import PROFILES
from app.models.export.record import PortraitRecord, portrait_record

__all__ = [
    "PROFILES",
    "BundleInfo",
    "Painter",
    "PortraitRecord",
    "ReportContent",
    "export_bundle",
    "portrait_record",
]
