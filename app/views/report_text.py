"""The report's words: one HTML page from the session's record, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from app.models.export.bundle import ReportContent
from app.models.export.marking import LABEL
from app.views.guide_words import level_text, trait_question
from app.views.overlay_words import drawing_label
from app.views.translation import tr

Rows = Iterable[tuple[str, object]]
# the lines of a model card that people read in a report
SUMMARY = ("name", "title", "licence", "limits", "training.data", "training.method")


def report_html(content: ReportContent, width: float) -> str:
    """The whole report; ``width`` is the text's in CSS pixels."""
    record = content.record
    parts = (
        _title(record),
        _portrait(content, width),
        _section(tr("Who, when, how"), _table(_facts(record))),
        _section(tr("Before the first face"), _table(_eligibility(record))),
        _asked(record),
        _section(tr("The description as first given, word for word"), _first(record)),
        _changes(record),
        _section(tr("Where each feature comes from"), _features(record)),
        _foreign(record),
        _section(tr("What was shown and chosen"), _rounds(content, width)),
        _section(tr("Changes made with the witness"), _refinement(record)),
        _section(tr("The witness's own rating"), _rating(record)),
        _section(tr("The model"), _table(_model(record))),
        _section(tr("Limits of this picture"), _list(_limits(record))),
        _section(tr("How this record can be checked"), _chain(content)),
    )
    style = (
        "<style>h1{font-size:16pt} h2{font-size:11pt} td{padding:1px 10px 1px 0}"
        " .words{font-size:12pt}</style>"
    )
    return style + "".join(parts)


def _title(record: Mapping[str, Any]) -> str:
    practice = f"<h2>{escape(tr('PRACTICE: no real case'))}</h2>" if record["practice"] else ""
    return f"<h1>{escape(tr('Report on a composite portrait'))}</h1>{practice}"


def _portrait(content: ReportContent, width: float) -> str:
    side = int(width * 0.42)
    sketch = f'<img src="sketch.png" width="{side}">' if content.sketch is not None else ""
    picture = f'<img src="portrait.png" width="{side}"> {sketch}'
    return f"<p>{picture}</p><p><b>{escape(LABEL)}</b></p>"


def _section(title: str, inside: str) -> str:
    return f"<h2>{escape(title)}</h2>{inside}"


def _table(rows: Rows) -> str:
    lines = (
        f"<tr><td><b>{escape(name)}</b></td><td>{_text(value)}</td></tr>"
        for name, value in rows
        if value not in ("", None)
    )
    return f"<table>{''.join(lines)}</table>"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _text(value: object) -> str:
    return escape(str(value)).replace("\n", "<br>")


def _none() -> str:
    return f"<p>{escape(tr('nothing recorded'))}</p>"


# ------------------------------------------------------------------ sections


def _facts(record: Mapping[str, Any]) -> Rows:
    case, session = record["case"], record["session"]
    details = session["details"]
    return (
        (tr("Reference"), case["reference"]),
        (tr("Case"), case["id"]),
        (tr("Officer"), " ".join(p for p in (case["role"], case["officer"]) if p)),
        (tr("Organisation"), case["organisation"]),
        (tr("Authority"), case["authority"]),
        (tr("Witness (code)"), case["witness_code"]),
        (tr("Present"), details.get("present", "")),
        (tr("Started"), session["started"]),
        (tr("Ended"), session["ended"]),
        (tr("Program"), details.get("app_version", "")),
        (tr("Device"), details.get("device", "")),
        (tr("Clock"), _clock(record["clock_flags"])),
        (tr("Notes"), case["notes"]),
    )


def _clock(flags: Sequence[Mapping[str, Any]]) -> str:
    if not flags:
        return tr("no jumps")
    return "; ".join(f"{f.get('from')} -> {f.get('to')} ({f.get('jump_s')} s)" for f in flags)


def _eligibility(record: Mapping[str, Any]) -> Rows:
    answers = record["eligibility"]
    given = answers.get("answers", {})
    rows = list(given.items()) if isinstance(given, dict) else []
    return [
        *((str(key).replace("_", " "), value) for key, value in rows),
        (tr("Went on because"), answers.get("reason", "")),
        (tr("Authorised by"), answers.get("authority", "")),
    ]


def _asked(record: Mapping[str, Any]) -> str:
    """What the officer asked, word for word, and the judgements of character; if there were any."""
    rows = [
        (str(asked["wall"]), str(asked.get("question", "")) + (
            " " + tr("(the program hinted that it may lead)") if asked.get("leading") else ""
        ))
        for asked in record["interview"]
    ]  # fmt: skip
    given = [(trait_question(t), level_text(str(v))) for t, v in record["character"].items()]
    if not rows and not given:
        return ""
    note = tr("The judgements of character are a help to memory; no face was made from them.")
    return _section(tr("What the witness was asked"), _table(rows) + _table(given)) + (
        f"<p>{escape(note)}</p>" if given else ""
    )


def _first(record: Mapping[str, Any]) -> str:
    first = record["description_first"]
    if not first["text"]:
        return _none()
    when = tr("recorded {when}, event {number}").format(when=first["wall"], number=first["seq"])
    return f"<blockquote>{_text(first['text'])}</blockquote><p>{escape(when)}</p>"


def _changes(record: Mapping[str, Any]) -> str:
    rows, last = [], str(record["description_first"]["text"])
    for change in record["description_changes"]:
        text = _changed_text(change)
        if text and text != last:  # chips may have changed while the words stayed
            rows.append((str(change["wall"]), text))
            last = text
    return _section(tr("Later additions to the description"), _table(rows)) if rows else ""


def _changed_text(change: Mapping[str, Any]) -> str:
    described = change.get("description", {})
    inner = described.get("text", "") if isinstance(described, dict) else ""
    return str(change.get("text", "") or inner)


def _features(record: Mapping[str, Any]) -> str:
    features = record["attributes"]
    said = [_said(a) for a in features["said"]]
    chosen = [f"{c['direction']}: {c['amount']:+.2f}" for c in features["chosen"]]
    invented = [str(name).replace("_", " ") for name in features["invented"]]
    seen = [_seen(a) for a in features["from_picture"]]
    sources = [_source(s) for s in record["portrait"]["sources"]]
    return _table(
        (
            (tr("said by the witness"), "\n".join(said) or tr("nothing")),
            (tr("from a picture, not from the witness"), "\n".join([*sources, *seen])),
            (tr("chosen by moving a slider"), "\n".join(chosen) or tr("nothing")),
            (tr("chosen in a painted part only"), "\n".join(_local(features))),
            (tr("put on top of the picture"), ", ".join(_added(features))),
            (tr("made up by the model"), ", ".join(invented) or tr("everything else")),
        )
    )


def _local(features: Mapping[str, Any]) -> list[str]:
    parts = enumerate(features.get("local", ()), 1)
    return [f"{n}: {name}: {amount:+.2f}" for n, part in parts for name, amount in part["edits"]]


def _added(features: Mapping[str, Any]) -> list[str]:
    return [drawing_label(str(added["name"])) for added in features.get("added", ())]


def _seen(attribute: Mapping[str, Any]) -> str:
    words, name = _said({**attribute, "certainty": "said"}), str(attribute.get("text", ""))
    return f"{words} ({name})" if name else words


def _source(source: Mapping[str, Any]) -> str:
    return tr("the whole face was started from: {name} (SHA-256 {sha256})").format(
        name=source.get("name") or tr("unnamed"), sha256=source.get("sha256")
    )


def _foreign(record: Mapping[str, Any]) -> str:
    """Every foreign picture that was opened, used or not; nothing where there was none."""
    rows = [
        (str(p["name"]), tr("SHA-256 {sha256}, {size} bytes, opened {when}").format(
            sha256=p["sha256"], size=p["bytes"], when=p["wall"]
        ) + ("" if p["kept"] else "; " + tr("too large to be kept")))
        for p in record["pictures"]
    ]  # fmt: skip
    if not rows:
        return ""
    kept = tr("The files are kept in the case, unaltered. They are shown to the officer only.")
    title = tr("Pictures and videos that were opened")
    return _section(title, _table(rows) + f"<p>{escape(kept)}</p>")


def _said(attribute: Mapping[str, Any]) -> str:
    value = attribute.get("value")
    value = "-".join(str(v) for v in value) if isinstance(value, list) else str(value)
    negated = tr("not") + " " if attribute.get("negated") else ""
    doubt = f" ({tr('doubtful')})" if attribute.get("certainty") == "doubtful" else ""
    return f"{attribute.get('name')}: {negated}{value}{doubt}".replace("_", " ")


def _rounds(content: ReportContent, width: float) -> str:
    rounds = content.record["rounds"]
    if not rounds:
        return _none()
    cells = [_round(r, n, content, width) for n, r in enumerate(rounds, start=1)]
    rows = (f"<tr>{''.join(cells[at : at + 2])}</tr>" for at in range(0, len(cells), 2))
    return f"<table>{''.join(rows)}</table>"


def _round(shown: Mapping[str, Any], number: int, content: ReportContent, width: float) -> str:
    path = f"rounds/{number:03d}.png"
    side = int(width * 0.46)
    picture = f'<br><img src="{path}" width="{side}">' if path in content.sheets else ""
    text = tr("Array {number}, shown {shown}: {answer}").format(
        number=shown["round"], shown=shown["shown"], answer=_answer(shown)
    )
    return f'<td width="{side}">{escape(text)}{picture}</td>'


def _answer(shown: Mapping[str, Any]) -> str:
    if shown["answer"] == "picked":
        tiles = ", ".join(str(p + 1) for p in shown["picks"])
        ranked = tr("ranked, best first") if shown["ranked"] else tr("in no order")
        return tr("picked {tiles} ({order})").format(tiles=tiles, order=ranked)
    if shown["answer"] == "none":
        return tr("none of these")
    if shown["answer"] == "not_sure":
        return tr("not sure")
    return tr("no answer")


def _refinement(record: Mapping[str, Any]) -> str:
    moves = [
        f"{m['wall']}  {m.get('name')}: {m.get('from')} -> {m.get('to')}"
        for m in record["refinement"]
    ]
    counted = tr("{moves} slider moves, {undone} steps undone or redone").format(
        moves=len(moves), undone=len(record["undone"])
    )
    return f"<p>{escape(counted)}</p>" + (_list(moves) if moves else "")


def _rating(record: Mapping[str, Any]) -> str:
    portrait = record["portrait"]
    if portrait["rating"] is None:
        return f"<p>{escape(tr('not rated'))}</p>"
    scale = tr("{rating} on a scale from 1 (not like him or her) to 5 (very like)").format(
        rating=portrait["rating"]
    )
    return f"<p>{escape(scale)}</p><p>{_text(portrait['remark'])}</p>"


def _model(record: Mapping[str, Any]) -> Rows:
    """The card's summary; all of it, with measured figures and bias, is in record.json."""
    recipe = record["portrait"]["recipe"]
    card = [(str(name), str(value)) for name, value in record["model_card"]]
    summary = [(n, v) for n, v in card if n in SUMMARY]
    return [
        *summary,
        (tr("weights, SHA-256"), recipe["model"]),
        (tr("origin"), recipe["origin"]),
        (tr("figures and measured bias"), "record.json" if len(card) > len(summary) else ""),
    ]


def _limits(record: Mapping[str, Any]) -> tuple[str, ...]:
    memory = tr("This picture was generated from a witness's memory by a computer. It is no photo.")
    started = tr(
        "This picture was started from another picture, not from a witness's memory alone. A "
        "computer generated it; it is no photo and no better view of that picture."
    )
    return (
        started if record["portrait"]["sources"] else memory,
        tr("It may resemble real people who have nothing to do with the case."),
        tr("Features listed as made up by the model were neither seen nor said by anyone."),
        tr("It is a lead for enquiries. By itself it identifies nobody."),
        tr("It is not made for automatic face search without an authority that covers it."),
        tr("The rating is the witness's own. No machine has measured a likeness to any person."),
        tr("Having built this picture may influence the witness in a later identification."),
        tr("Drawn again elsewhere it can differ by one grey level; what was shown is kept."),
    )


def _chain(content: ReportContent) -> str:
    words = escape(" ".join(content.head.words))
    rows = [
        (tr("events"), content.head.count),
        (tr("SHA-256"), content.head.hash_hex),
        (tr("profile"), content.profile),
    ]
    advice = tr(
        "These words stand for the whole record up to this export. Read them aloud on the "
        "recording and write them on the exhibit label: a record rebuilt later has other words."
    )
    files = [(path, sha) for path, sha in sorted(content.files.items()) if "/" not in path]
    return (
        f'<p class="words"><b>{words}</b></p>{_table(rows)}<p>{escape(advice)}</p>{_table(files)}'
    )
