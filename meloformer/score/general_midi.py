"""General MIDI in a musician's words: programs and their families."""

from dataclasses import dataclass

from meloformer.phrases import filled, phrase

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Pianos", (
        "Grand piano", "Bright piano", "Electric grand piano", "Honky-tonk piano",
        "Electric piano (Rhodes)", "Electric piano (FM)", "Harpsichord", "Clavinet",
    )),
    ("Bells and mallets", (
        "Celesta", "Glockenspiel", "Music box", "Vibraphone",
        "Marimba", "Xylophone", "Tubular bells", "Dulcimer",
    )),
    ("Organs and accordions", (
        "Drawbar organ", "Percussive organ", "Rock organ", "Church organ",
        "Reed organ", "Accordion", "Harmonica", "Bandoneon",
    )),
    ("Guitars", (
        "Nylon guitar", "Steel guitar", "Jazz guitar", "Clean electric guitar",
        "Muted electric guitar", "Overdriven guitar", "Distorted guitar", "Guitar harmonics",
    )),
    ("Basses", (
        "Double bass (plucked)", "Fingered bass", "Picked bass", "Fretless bass",
        "Slap bass 1", "Slap bass 2", "Synth bass 1", "Synth bass 2",
    )),
    ("Solo strings and harp", (
        "Violin", "Viola", "Cello", "Double bass (bowed)",
        "Tremolo strings", "Plucked strings", "Harp", "Timpani",
    )),
    ("Ensembles and voices", (
        "String section", "Slow string section", "Synth strings 1", "Synth strings 2",
        "Choir (aah)", "Choir (ooh)", "Synth choir", "Orchestra hit",
    )),
    ("Brass", (
        "Trumpet", "Trombone", "Tuba", "Muted trumpet",
        "French horn", "Brass section", "Synth brass 1", "Synth brass 2",
    )),
    ("Saxophones and reeds", (
        "Soprano sax", "Alto sax", "Tenor sax", "Baritone sax",
        "Oboe", "English horn", "Bassoon", "Clarinet",
    )),
    ("Flutes and whistles", (
        "Piccolo", "Flute", "Recorder", "Pan flute",
        "Blown bottle", "Shakuhachi", "Whistle", "Ocarina",
    )),
    ("Synth leads", (
        "Square lead", "Saw lead", "Calliope lead", "Chiff lead",
        "Charang lead", "Voice lead", "Fifths lead", "Bass and lead",
    )),
    ("Synth pads", (
        "New age pad", "Warm pad", "Polysynth pad", "Choir pad",
        "Bowed glass pad", "Metallic pad", "Halo pad", "Sweep pad",
    )),
    ("Synth effects", (
        "Rain", "Soundtrack", "Crystal", "Atmosphere",
        "Brightness", "Goblins", "Echoes", "Sci-fi",
    )),
    ("Instruments of the world", (
        "Sitar", "Banjo", "Shamisen", "Koto",
        "Kalimba", "Bagpipe", "Fiddle", "Shanai",
    )),
    ("Tuned percussion", (
        "Tinkle bell", "Agogo", "Steel drums", "Woodblock",
        "Taiko drum", "Melodic tom", "Synth drum", "Reverse cymbal",
    )),
    ("Sound effects", (
        "Guitar fret noise", "Breath noise", "Seashore", "Bird song",
        "Telephone", "Helicopter", "Applause", "Gunshot",
    )),
)  # fmt: skip
"""The 16 families in General MIDI's order, each with its 8 programs."""

PROGRAM_NAMES: tuple[str, ...] = tuple(name for _, names in FAMILIES for name in names)
"""The name of each program, from 0. (128,)"""

FIRST_DRUM = 27
DRUM_NAMES: tuple[str, ...] = (
    "High Q", "Slap", "Scratch push", "Scratch pull", "Sticks", "Square click", "Metronome click",
    "Metronome bell", "Kick 2", "Kick", "Side stick", "Snare", "Hand clap", "Snare 2",
    "Low floor tom", "Closed hi-hat", "High floor tom", "Pedal hi-hat", "Low tom", "Open hi-hat",
    "Low-mid tom", "High-mid tom", "Crash", "High tom", "Ride", "China", "Ride bell", "Tambourine",
    "Splash", "Cowbell", "Crash 2", "Vibraslap", "Ride 2", "High bongo", "Low bongo",
    "Mute conga", "Open conga", "Low conga", "High timbale", "Low timbale", "High agogo",
    "Low agogo", "Cabasa", "Maracas", "Short whistle", "Long whistle", "Short guiro",
    "Long guiro", "Claves", "High woodblock", "Low woodblock", "Mute cuica", "Open cuica",
    "Mute triangle", "Open triangle", "Shaker", "Jingle bell", "Bell tree", "Castanets",
    "Mute surdo", "Open surdo",
)  # fmt: skip
"""The drums of General MIDI's level 2 from key `FIRST_DRUM` up. (61,)"""

# Where a band would say less than the sound's full name: two pianos are "Piano 1" and "Piano 2".
_SHORT_NAMES = {"Grand piano": "Piano", "Double bass (plucked)": "Double bass"}


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument to choose from a list."""

    label: str
    program: int
    is_drum: bool


@dataclass(frozen=True, slots=True)
class InstrumentFamily:
    """Instruments of one family, for a grouped list."""

    family: str
    choices: tuple[Instrument, ...]


def part_name(program: int, is_drum: bool, instance: int = 1) -> str:
    """Name a part: "Piano", "Piano 2", "Drums".

    Args:
        program: 0 to 127; ignored for drums.
        is_drum: Whether the part plays drums.
        instance: From 1; said from 2 on.
    """
    full = PROGRAM_NAMES[program] if not is_drum else "Drums"
    name = _SHORT_NAMES.get(full, full)
    if instance == 1:
        return phrase(name)
    return filled("{name} {instance}", name=phrase(name), instance=instance)


def drum_name(pitch: int) -> str:
    """Name the drum on a key; "Drum 100" where General MIDI has none."""
    index = pitch - FIRST_DRUM
    return DRUM_NAMES[index] if 0 <= index < len(DRUM_NAMES) else f"Drum {pitch}"


def instrument_choices() -> tuple[InstrumentFamily, ...]:
    """List all instruments by family, drums first, to choose from."""
    drums = InstrumentFamily(
        phrase("Drums"), (Instrument(part_name(0, is_drum=True), 0, is_drum=True),)
    )
    families = (
        InstrumentFamily(
            phrase(family),
            tuple(
                Instrument(phrase(name), 8 * number + k, is_drum=False)
                for k, name in enumerate(names)
            ),
        )
        for number, (family, names) in enumerate(FAMILIES)
    )
    return (drums, *families)
