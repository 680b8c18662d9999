"""Who plays, in words: "all, violin=always, drums=silent". Loads without torch."""

from meloformer.engine.request import PartRequest, Presence
from meloformer.errors import ConfigError
from meloformer.score.general_midi import PROGRAM_NAMES, part_name
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, Part

_HINT = "Write names with commas between them, such as `all, violin=always, drums=silent`."


def name_of(part: Part) -> str:
    """What to call a part: "Piano 2", "Drums"."""
    return part_name(0 if part.is_drum else part.program, part.is_drum, part.instance)


def new_instance(program: int, taken: set[Part]) -> Part:
    """The first part of a program that is not taken; drums are one part.

    Raises:
        ConfigError: All eight are.
    """
    if program == DRUM_PROGRAM:
        return Part(DRUM_PROGRAM)
    for instance in range(1, MAX_INSTANCES + 1):
        if Part(program, instance) not in taken:
            return Part(program, instance)
    raise ConfigError(f"There are already {MAX_INSTANCES} parts of {PROGRAM_NAMES[program]}.")


def parse_parts(text: str, own_parts: tuple[Part, ...]) -> tuple[PartRequest, ...]:
    """Read who plays. Parts of the piece that are not named are silent.

    A name is `all` (the parts of the piece), a part of the piece, or any General MIDI instrument;
    the beginning of a name is enough. `=always`, `=free` or `=silent` says how; without it, parts
    of the piece are free and new ones play always.

    Raises:
        ConfigError: A name or a word after `=` is not known.
    """
    requests: dict[Part, Presence] = {}
    for item in text.split(","):
        name, _, word = item.partition("=")
        presence = _presence(word.strip())
        for part in _parts_named(name.strip(), own_parts):
            requests[part] = presence or (Presence.FREE if part in own_parts else Presence.ALWAYS)
    return tuple(PartRequest(part, presence) for part, presence in requests.items())


def _presence(word: str) -> Presence | None:
    if not word:
        return None
    if word not in set(Presence):
        raise ConfigError(f"`{word}` is none of always, free and silent.", hint=_HINT)
    return Presence(word)


def _parts_named(name: str, own_parts: tuple[Part, ...]) -> tuple[Part, ...]:
    wanted = name.casefold()
    if wanted == "all":
        return own_parts
    own = {name_of(part).casefold(): part for part in own_parts}
    if wanted in own:
        return (own[wanted],)
    known = {part_name(program, False).casefold(): Part(program) for program in range(128)}
    known |= {full.casefold(): Part(program) for program, full in enumerate(PROGRAM_NAMES)}
    known["drums"] = Part(DRUM_PROGRAM)
    for names in (own, known):
        exact = [part for full, part in names.items() if full == wanted]
        starting = [part for full, part in names.items() if wanted and full.startswith(wanted)]
        if exact or starting:
            return ((exact or starting)[0],)
    raise ConfigError(f"No part or instrument is called `{name[:40]}`.", hint=_HINT)
