"""Piano, two hands: a song without words that stops on its dominant."""

from notation import Part, Piece, Style, line

METRE = (4, 4)

MELODY = """
F#5:1.5 E5:.5 F#5:1 A5:1 | E5:2 C#5:1 E5:1 | D5:1.5 C#5:.5 D5:1 F#5:1 | C#5:2.5 r:.5 A4:.5 B4:.5 |
B4:1 D5:1 G5:1.5 F#5:.5 | F#5:2 E5:.5 D5:.5 A4:1 | G5:1 F#5:.5 E5:.5 D5:1 B4:1 |
C#5:1.5 D5:.5 E5:1.5 r:.5 |
F#5:1.5 E5:.5 A5:1 D6:1 | C#6:1.5 B5:.5 A#5:1 F#5:1 | B5:1 F#5:1 D5:.5 E5:.5 G5:1 |
D5:1 F#5:.5 G5:.5 E5:2
"""

# The right hand's second voice, under the long notes of the melody.
INNER_VOICE = """
A4:4 | A4:4 | F#4:4 | F#4:2 r:2 |
G4:4 | F#4:3 r:1 | G4:4 | G4:4 |
A4:4 | E5:3 r:1 | D5:2 B4:2 | A4:2 G4:2
"""

# Bass, fifth or sixth, octave and tenth of each bar; the bass walks down nearly two octaves.
BROKEN_CHORDS = (
    "D3 A3 D4 F#4", "C#3 A3 C#4 E4", "B2 F#3 B3 D4", "A2 F#3 A3 C#4",
    "G2 D3 B3 D4", "F#2 D3 A3 D4", "E2 B2 G3 D4", "A2 E3 G3 C#4",
    "D3 A3 D4 F#4", "A#2 F#3 C#4 E4", "B2 F#3 B3 D4 / G2 D3 G3 B3", "A2 E3 G3 D4 / A2 E3 G3 C#4",
)  # fmt: skip

DYNAMICS = (
    (1, 72),
    (3, 80),
    (4.9, 70),
    (5, 76),
    (6, 86),
    (8.9, 72),
    (9, 84),
    (10.2, 104),
    (12.9, 68),
)


def left_hand() -> str:
    """Eighths that rise and fall through each chord; half as far where a bar has two."""
    bars = []
    for chords in BROKEN_CHORDS:
        halves = chords.split(" / ")
        figure = "{0} {1} {2} {3} {2} {3} {2} {1}" if len(halves) == 1 else "{0} {1} {2} {3}"
        bars.append(" ".join(figure.format(*half.split()) for half in halves))
    return " | ".join(bars).replace(" ", ":.5 ", 1)


def compose() -> Piece:
    """Twelve bars in D major."""
    sung = Style(METRE, DYNAMICS, accent=5, contour=0.6)
    softer = tuple((bar, velocity - 18) for bar, velocity in DYNAMICS)
    under = Style(METRE, softer, accent=8, contour=0.2)
    right = line(MELODY, sung) + line(INNER_VOICE, under)
    left = line(left_hand(), under)
    parts = (
        Part("Piano, right hand", 0, right, volume=120, pan=72),
        Part("Piano, left hand", 0, left, volume=116, pan=56),
    )
    return Piece("piano.mid", "Song without words", 72, METRE, "D", 12, parts)
