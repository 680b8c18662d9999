"""The sounds of a drum staff: MusicXML tells which drum a note is by an instrument for each.

music21 writes one instrument a part. It does write the name of a note, in which the key is said.
"""

from xml.etree.ElementTree import Element, SubElement

from meloformer.score.general_midi import drum_name

_PREFIX = "drum-"
_CHANNEL = 10


def note_name(pitch: int) -> str:
    """Return the name by which `name_drum_sounds` knows the key of a note."""
    return f"{_PREFIX}{pitch}"


def name_drum_sounds(root: Element) -> None:
    """Give each drum of a score an instrument of its own, in place.

    Args:
        root: A <score-partwise> whose notes of drums are called as `note_name` says.
    """
    for part in root.findall("part"):
        keys = set()
        for note in part.iter("note"):
            name = note.attrib.pop("id", "")
            if not name.startswith(_PREFIX):
                continue
            key = int(name.removeprefix(_PREFIX))
            keys.add(key)
            _set_instrument(note, f"{part.get('id')}-{key}")
        if keys:
            _declare(root, part.get("id", ""), sorted(keys))


def _set_instrument(note: Element, name: str) -> None:
    for old in note.findall("instrument"):
        note.remove(old)
    before = [index for index, child in enumerate(note) if child.tag in {"duration", "tie"}]
    instrument = Element("instrument", {"id": name})
    note.insert(max(before, default=len(note) - 1) + 1, instrument)


def _declare(root: Element, part: str, keys: list[int]) -> None:
    listed = next(one for one in root.iter("score-part") if one.get("id") == part)
    for tag in ("score-instrument", "midi-instrument"):
        for old in listed.findall(tag):
            listed.remove(old)
    for key in keys:
        own = SubElement(listed, "score-instrument", {"id": f"{part}-{key}"})
        SubElement(own, "instrument-name").text = drum_name(key)
    for key in keys:
        own = SubElement(listed, "midi-instrument", {"id": f"{part}-{key}"})
        SubElement(own, "midi-channel").text = str(_CHANNEL)
        SubElement(own, "midi-program").text = "1"
        SubElement(own, "midi-unpitched").text = str(key + 1)
