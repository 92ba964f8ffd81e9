"""What was found in a picture, in plain words: quality, how sure a reading is, how near a face."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.engine.api import FaceQuality, Measured
from app.models.attributes import vocabulary
from app.models.description import Attribute, Description
from app.models.errors import BadInput
from app.views.attribute_row import saying
from app.views.terms import attribute_label
from app.views.translation import tr

SURE, LIKELY = 0.9, 0.7  # calibrated probabilities, as words
AGE_SPREAD = 7  # years around the reading: about its usual error on photographs
AGE_SURE = 0.75  # an interval of the usual error holds about so often
MIDDLE = {("eyebrows", "medium"), ("chin", "rounded"), ("hairline", "straight")}
IN_SENTENCE = 7
OWN_EYES = ("expression", "ethnicity")  # of the moment, or read too badly: for the officer to tick
ABSENT = "none"


@dataclass(frozen=True)
class Chip:
    """One reading as an attribute for the description; ``conflict``: what the description says."""

    attribute: Attribute
    probability: float
    conflict: str = ""

    @property
    def words(self) -> str:
        """"Hair colour: brown"."""
        label = attribute_label(self.attribute.name)
        return tr("{attribute}: {value}").format(attribute=label, value=saying(self.attribute))

    @property
    def telling(self) -> bool:
        """Whether it is likely, says more than the middle of a scale, and contradicts nobody."""
        own = self.attribute.name in OWN_EYES
        little = own or says_little(self.attribute)
        return self.probability >= LIKELY and not little and not self.conflict


def chips(
    measured: Iterable[Measured], name: str, description: Description
) -> tuple[Chip, ...]:
    """Readings as chips, telling ones first; what the vocabulary does not have is left out."""
    said = {a.name: a for a in description.attributes if a.source != "picture"}
    found = []
    for reading in measured:
        attribute = _attribute(reading, name)
        if attribute is not None:
            is_age = isinstance(attribute.value, tuple)
            probability = min(reading.probability, AGE_SURE) if is_age else reading.probability
            found.append(Chip(attribute, probability, _conflict(attribute, said)))
    order = {name: place for place, name in enumerate(vocabulary().names)}
    return tuple(sorted(found, key=lambda c: (not c.telling, order[c.attribute.name])))


def _attribute(reading: Measured, name: str) -> Attribute | None:
    value: object = reading.value
    try:
        if vocabulary().entry(reading.attribute).is_interval:
            years = round(float(reading.value))
            low, high = vocabulary().entry(reading.attribute).bounds or (0, 120)
            value = (max(low, years - AGE_SPREAD), min(high, years + AGE_SPREAD))
        checked = vocabulary().validate(reading.attribute, value)
    except (BadInput, ValueError):
        return None
    return Attribute(reading.attribute, checked, text=name, source="picture", confirmed=True)


def _conflict(attribute: Attribute, said: dict[str, Attribute]) -> str:
    other = said.get(attribute.name)
    if other is None or not vocabulary().entry(attribute.name).single:
        return ""
    if isinstance(attribute.value, tuple) and isinstance(other.value, tuple):
        apart = attribute.value[0] > other.value[1] or other.value[0] > attribute.value[1]
        return saying(other) if apart != other.negated else ""
    same = attribute.value == other.value
    return saying(other) if same == other.negated else ""


def says_little(attribute: Attribute) -> bool:
    """Whether the value is merely the middle of its scale."""
    return attribute.value == "average" or (attribute.name, attribute.value) in MIDDLE


def likelihood(probability: float) -> str:
    """A calibrated probability in words; nobody should read a number into it."""
    if probability >= SURE:
        return tr("very likely")
    if probability >= LIKELY:
        return tr("likely")
    return tr("uncertain")


def sentence(found: Sequence[Chip]) -> str:
    """One plain sentence of what the picture seems to show."""
    told = {
        c.attribute.name: c for c in found
        if c.probability >= LIKELY and c.attribute.name not in OWN_EYES
    }  # fmt: skip
    age, sex = told.pop("age", None), told.pop("sex", None)
    person = _person("" if sex is None else str(sex.attribute.value))
    if age is not None and isinstance(age.attribute.value, tuple):
        years = sum(age.attribute.value) // 2
        person = tr("{person} of about {years}").format(person=person, years=years)
    words = [
        _lowered(c.words) for c in told.values()
        if c.attribute.value != ABSENT and not says_little(c.attribute)
    ][:IN_SENTENCE]  # fmt: skip
    if not words:
        return tr("The picture seems to show {person}.").format(person=person)
    return tr("The picture seems to show {person}; {list}.").format(
        person=person, list=", ".join(words)
    )


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def _person(sex: str) -> str:
    return {"male": tr("a man"), "female": tr("a woman")}.get(sex, tr("a person"))


def problems_of(quality: FaceQuality) -> str:
    """What is wrong with a face in the picture; empty when nothing is."""
    words = {
        "small": tr("The face is small: {pixels} pixels from eye to eye. Its details are guessed."),
        "blurred": tr("The face is blurred. Its details are guessed."),
        "turned": tr("The face is turned to the side. Its far half is guessed."),
        "dark": tr("The face lies in the dark. Colours of skin and hair are uncertain."),
        "bright": tr("The face is overexposed. Colours of skin and hair are uncertain."),
        "covered": tr("Part of the face is covered. What lies under it is guessed."),
    }
    pixels = round(quality.size_px)
    known = [words[p].format(pixels=pixels) for p in quality.problems if p in words]
    return " ".join(known)


def fidelity_sentence(fidelity: str) -> str:
    """How near the drawn face is to the picture, and what that means for the officer."""
    return {
        "close": tr("The drawn face is close to the picture. Compare small things by eye."),
        "fair": tr("The drawn face is fairly like the picture; single features differ. "
                   "Refining may help."),
        "loose": tr("The drawn face is only loosely like the picture: the model cannot draw this "
                    "face. Refine it, or use only its attributes."),
    }.get(fidelity, "")  # fmt: skip


def time_code(seconds: float) -> str:
    """"1:02:03.4"; hours only where there are any."""
    whole, tenth = divmod(round(seconds * 10), 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    start = f"{hours}:{minute:02d}" if hours else f"{minute}"
    return f"{start}:{second:02d}.{tenth}"
