"""The vocabulary in the officer's language: attributes, values, regions, directions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from app.engine.api import DirectionInfo, Shortfall
from app.models.overlay_catalogue import drawings_for
from app.views.translation import agreeing_value, in_force, tr

REGIONS = (
    "whole", "face", "hair", "forehead", "eyes", "eyebrows", "nose", "mouth", "cheeks", "jaw",
    "chin", "ears", "skin", "facial_hair", "expression", "accessories", "marks",
)  # fmt: skip
NOTABLE = 0.4  # a side effect of this many standard deviations is worth a word
WEAK = 0.4  # a direction of less quality hardly does, or measures, what its name says


def plain(key: str) -> str:
    """A key as words, for anything the vocabulary of this version does not know."""
    return key.replace("_", " ").strip()


def attribute_label(name: str) -> str:
    """"nose_width" -> "Nose width"."""
    return _attributes(in_force()).get(name) or plain(name).capitalize()


# the 6+1 codes of British forces for how a person looks to an observer
IC_CODES = {
    "white": "IC1", "black": "IC3", "south_asian": "IC4", "east_asian": "IC5",
    "middle_eastern": "IC6",
}  # fmt: skip
_codes: dict[str, str] = {}


def use_codes(table: str) -> None:
    """Put a code table of the settings in force: ``none`` or ``ic``."""
    _codes.clear()
    _codes.update(IC_CODES if table == "ic" else {})


def value_label(attribute: str, value: str) -> str:
    """"dark_brown" -> "dark brown", with the force's code where it has one."""
    code = _codes.get(value, "") if attribute == "ethnicity" else ""
    return f"{_plain_value(attribute, value)} ({code})" if code else _plain_value(attribute, value)


def _plain_value(attribute: str, value: str) -> str:
    agreed = agreeing_value(attribute, value)
    if agreed:
        return agreed
    if value == "none":
        return tr("none")
    return _values(in_force()).get(value) or plain(value)


def region_label(region: str) -> str:
    """The heading of a group of sliders."""
    return _regions().get(region) or plain(region).capitalize()


def region_order(region: str) -> int:
    """Whole face first, then from the top of the head down; unknown regions last."""
    return REGIONS.index(region) if region in REGIONS else len(REGIONS)


def direction_label(direction: DirectionInfo) -> str:
    """The name beside a slider; with the value where one attribute has several directions."""
    label = attribute_label(direction.attribute)
    own = _directions().get(direction.name)
    if own is not None or direction.low_value or not direction.high_value:
        return own or label
    value = value_label(direction.attribute, direction.high_value)
    return tr("{attribute}: {value}").format(attribute=label, value=value)


def short_direction_label(direction: DirectionInfo) -> str:
    """A name for small places: the value alone, where it says enough."""
    known = direction.name in _directions() or direction.low_value or not direction.high_value
    if known:
        return direction_label(direction)
    return value_label(direction.attribute, direction.high_value)


def end_labels(direction: DirectionInfo) -> tuple[str, str]:
    """Words at the two ends of a slider."""
    if direction.unit == "years":
        return tr("younger"), tr("older")
    if direction.low_value and direction.high_value:
        low, high = direction.low_value, direction.high_value
        return value_label(direction.attribute, low), value_label(direction.attribute, high)
    return tr("less"), tr("more")


def amount_label(direction: DirectionInfo, amount: float) -> str:
    """The slider's value: signed, in years or in steps of the spread seen over faces."""
    if round(amount, 1) == 0:
        return "0"
    if direction.unit == "years":
        return tr("{years} years").format(years=f"{amount:+.0f}")
    return f"{amount:+.1f}"


def side_effects_label(
    direction: DirectionInfo, others: Sequence[DirectionInfo] = (), most: int = 4
) -> str:
    """"Nose width: also moves mouth (clearly), age (a little)"; empty when little else moves.

    ``others`` are the model's directions, by whose names side effects are given. What the model
    itself measures poorly is not repeated here.
    """
    known = {other.name: other for other in others}
    told: dict[str, float] = {}
    for name, amount in direction.side_effects:
        if name.startswith("landmark:"):  # the same seen by another net; in the table
            continue
        other = known.get(name)
        attribute = name if other is None else other.attribute
        if abs(amount) >= NOTABLE and (other is None or other.quality >= WEAK):
            told.setdefault(attribute, abs(amount))
    told.pop(direction.attribute, None)
    words = [_extent(attribute_label(n), x) for n, x in list(told.items())[:most]]
    if not words:
        return ""
    return _told(direction, words)


def _told(direction: DirectionInfo, words: list[str]) -> str:
    template = tr("{name}: also moves {list}")
    return template.format(name=direction_label(direction), list=", ".join(words))


def weakness_label(direction: DirectionInfo) -> str:
    """A warning for a slider that hardly does what its name says; empty for the others."""
    is_weak = 0 < direction.quality < WEAK
    return tr("Weak in this model.") if is_weak else ""


def _extent(label: str, amount: float) -> str:
    template = tr("{what} (a little)")
    if amount >= 1.2:
        template = tr("{what} (strongly)")
    elif amount >= 0.7:
        template = tr("{what} (clearly)")
    return template.format(what=label[:1].lower() + label[1:])


def shortfall_label(shortfall: Shortfall) -> str:
    """What the model could not do with a wish, and what can be done about it, calmly."""
    wish = tr("{attribute}: {value}").format(
        attribute=attribute_label(shortfall.attribute),
        value=value_label(shortfall.attribute, shortfall.value),
    )
    if shortfall.reason == "no_direction":
        template = tr("{wish} - this model cannot show it.")
        if drawings_for(shortfall.attribute, shortfall.value):
            template = tr("{wish} - this model cannot show it; it can be put on the picture.")
    elif shortfall.reason == "weak":
        template = tr("{wish} - this model shows it only faintly.")
    else:
        template = tr("{wish} - not every face here reaches it; it can be refined later.")
    return template.format(wish=wish)


def _regions() -> dict[str, str]:
    return {
        "whole": tr("Whole face"), "face": tr("Shape of the face"), "hair": tr("Hair"),
        "forehead": tr("Forehead"), "eyebrows": tr("Eyebrows"), "eyes": tr("Eyes"),
        "nose": tr("Nose"), "mouth": tr("Mouth"), "jaw": tr("Jaw and chin"), "chin": tr("Chin"),
        "cheeks": tr("Cheeks"), "ears": tr("Ears"), "skin": tr("Skin"),
        "facial_hair": tr("Beard and moustache"), "accessories": tr("Glasses and hats"),
        "expression": tr("Expression"), "marks": tr("Marks"),
    }  # fmt: skip


def _directions() -> dict[str, str]:
    """Directions that are better known by a name of their own than by attribute and value."""
    return {
        "beard_stubble": tr("Stubble"), "chin_length": tr("Chin length"),
        "expression_smiling": tr("Smile"), "eyebrow_height": tr("Eyebrow height"),
        "eyebrows_arched": tr("Eyebrow arch"), "hair_length_bald": tr("Baldness"),
        "hair_style_fringe": tr("Fringe"), "mouth_open": tr("Open mouth"),
    }  # fmt: skip


@cache  # asked for hundreds of labels at a time; one table for each language
def _attributes(language: str) -> dict[str, str]:
    return {
        "sex": tr("Sex"), "age": tr("Age"), "ethnicity": tr("Appearance"),
        "skin": tr("Skin tone"), "build": tr("Build"), "face_shape": tr("Face shape"),
        "face_width": tr("Face width"), "jaw": tr("Jaw"), "chin": tr("Chin"),
        "cheeks": tr("Cheeks"), "forehead": tr("Forehead"), "hair_color": tr("Hair colour"),
        "hair_length": tr("Hair length"), "hair_type": tr("Hair type"),
        "hair_style": tr("Hair style"), "hairline": tr("Hairline"), "eyebrows": tr("Eyebrows"),
        "eyebrow_color": tr("Eyebrow colour"), "eye_color": tr("Eye colour"),
        "eye_size": tr("Eye size"), "eye_spacing": tr("Eye spacing"), "eye_shape": tr("Eye shape"),
        "eye_bags": tr("Bags under the eyes"), "nose_size": tr("Nose size"),
        "nose_length": tr("Nose length"), "nose_width": tr("Nose width"),
        "nose_shape": tr("Nose shape"), "mouth": tr("Mouth"), "lips": tr("Lips"),
        "teeth": tr("Teeth"), "ears": tr("Ears"), "moustache": tr("Moustache"),
        "beard": tr("Beard"), "sideburns": tr("Sideburns"),
        "facial_hair_color": tr("Beard colour"), "wrinkles": tr("Wrinkles"),
        "glasses": tr("Glasses"), "hat": tr("Hat"), "jewellery": tr("Jewellery"),
        "makeup": tr("Make-up"), "mark": tr("Mark"), "expression": tr("Expression"),
    }  # fmt: skip


@cache
def _values(language: str) -> dict[str, str]:
    return {**_values_of_people(), **_values_of_shape(), **_values_of_hair(), **_values_of_things()}


def _values_of_people() -> dict[str, str]:
    return {
        "male": tr("male"), "female": tr("female"), "white": tr("white"), "black": tr("black"),
        "east_asian": tr("East Asian"), "south_asian": tr("South Asian"),
        "middle_eastern": tr("Middle Eastern"), "latino": tr("Latino"), "mixed": tr("mixed"),
        "other": tr("other"), "very_light": tr("very light"), "light": tr("light"),
        "medium": tr("medium"), "tan": tr("tan"), "dark": tr("dark"),
        "very_dark": tr("very dark"), "thin": tr("thin"), "average": tr("average"),
        "heavy": tr("heavy"), "young": tr("young"), "old": tr("old"), "yes": tr("yes"),
        "no": tr("no"), "neutral": tr("neutral"), "smiling": tr("smiling"),
        "mouth_open": tr("mouth open"), "frowning": tr("frowning"),
    }  # fmt: skip


def _values_of_shape() -> dict[str, str]:
    return {
        "round": tr("round"), "oval": tr("oval"), "square": tr("square"), "long": tr("long"),
        "heart": tr("heart-shaped"), "diamond": tr("diamond-shaped"), "narrow": tr("narrow"),
        "wide": tr("wide"), "rounded": tr("rounded"), "pointed": tr("pointed"),
        "double": tr("double"), "receding": tr("receding"), "prominent": tr("prominent"),
        "cleft": tr("cleft"), "high_cheekbones": tr("high cheekbones"), "chubby": tr("chubby"),
        "hollow": tr("hollow"), "dimples": tr("dimples"), "rosy": tr("rosy"), "low": tr("low"),
        "high": tr("high"), "small": tr("small"), "big": tr("big"), "close": tr("close together"),
        "almond": tr("almond-shaped"), "hooded": tr("hooded"), "sunken": tr("sunken"),
        "short": tr("short"), "hooked": tr("hooked"), "snub": tr("snub"), "flat": tr("flat"),
        "crooked": tr("crooked"), "full": tr("full"), "gap": tr("with a gap"),
        "missing": tr("missing"), "protruding": tr("protruding"), "straight": tr("straight"),
    }  # fmt: skip


def _values_of_hair() -> dict[str, str]:
    return {
        "dark_brown": tr("dark brown"), "brown": tr("brown"), "light_brown": tr("light brown"),
        "blond": tr("blond"), "red": tr("red"), "grey": tr("grey"), "dyed": tr("dyed"),
        "bald": tr("bald"), "shaved": tr("shaved"), "wavy": tr("wavy"), "curly": tr("curly"),
        "afro": tr("afro"), "fringe": tr("fringe"), "parted": tr("parted"),
        "ponytail": tr("ponytail"), "bun": tr("bun"), "braids": tr("braids"),
        "dreadlocks": tr("dreadlocks"), "slicked_back": tr("slicked back"), "spiky": tr("spiky"),
        "mohawk": tr("mohawk"), "messy": tr("messy"), "widows_peak": tr("widow's peak"),
        "bushy": tr("bushy"), "arched": tr("arched"), "joined": tr("joined"), "blue": tr("blue"),
        "green": tr("green"), "hazel": tr("hazel"), "stubble": tr("stubble"),
        "goatee": tr("goatee"), "thick": tr("thick"), "handlebar": tr("handlebar"),
        "pencil": tr("pencil"),
    }  # fmt: skip


def _values_of_things() -> dict[str, str]:
    return {
        "some": tr("some"), "strong": tr("strong"), "clear": tr("clear glasses"),
        "sunglasses": tr("sunglasses"), "cap": tr("cap"), "beanie": tr("beanie"),
        "hood": tr("hood"), "hat": tr("hat"), "headscarf": tr("headscarf"),
        "turban": tr("turban"), "earrings": tr("earrings"), "necklace": tr("necklace"),
        "piercing": tr("piercing"), "lipstick": tr("lipstick"), "scar": tr("scar"),
        "mole": tr("mole"), "freckles": tr("freckles"), "tattoo": tr("tattoo"),
        "birthmark": tr("birthmark"), "acne": tr("acne"),
    }  # fmt: skip
