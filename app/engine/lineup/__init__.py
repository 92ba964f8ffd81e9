"""Lineups: suspects read, fillers made, looks matched, arrays assessed, weights fine-tuned."""

from __future__ import annotations

# request -> where it is answered, imported when first asked for (see runtime.py)
METHODS: dict[str, str] = {
    "ReadSuspect": "app.engine.lineup.suspects:read_suspect",
    "TuneSuspect": "app.engine.lineup.tuning:tune_suspect",
    "RestoreTuned": "app.engine.lineup.tuning:restore_tuned",
    "MakeFillers": "app.engine.lineup.fillers:make_fillers",
    "ChangeFiller": "app.engine.lineup.changes:change_filler",
    "AssessLineup": "app.engine.lineup.assess:assess_lineup",
}
