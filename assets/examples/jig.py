"""A jig: The Irish Washerwoman, once through its first strain and half through its second.

The tune is traditional, in print since the 18th century.
"""

from notation import Part, Piece, Style, drums, line

METRE = (6, 8)

FIDDLE = """
B4:.5! G4 G4 D4! G4 G4 | B4! G4 B4 D5! C5 B4 | C5! A4 A4 E4! A4 A4 | C5! A4 C5 E5! D5 C5 |
B4! G4 G4 D4! G4 G4 | B4! G4 B4 D5! C5 B4 | C5! B4 C5 A4! D5 C5 | B4! G4 G4 G4:1! G5:.5 |
G5! D5 G5 G5! D5 G5 | G5! D5 G5 B5! A5 G5 | F#5! D5 F#5 F#5! D5 F#5 | F#5! D5 F#5 A5! G5 F#5
"""

CHANGES = ("G", "G", "Am", "D7", "G", "G", "C D7", "G", "G", "G", "D7", "D7")
# Guitar: bass, the other bass of the second beat, and the chord above them.
GUITAR = {
    "G": ("G2", "D3", "B3+D4+G4"),
    "Am": ("A2", "E3", "C4+E4+A4"),
    "C": ("C3", "G2", "G3+C4+E4"),
    "D7": ("D3", "A2", "A3+C4+F#4"),
}
# Accordion: the same harmony in close position, each tone to its nearest.
ACCORDION = """
B3+D4:3 | B3+D4:3 | C4+E4:3 | C4+F#4:3 | B3+G4:3 | B3+D4:3 | C4+E4:1.5 C4+D4:1.5 | B3+D4:3 |
B3+D4:1.5 B3+D4:1.5 | B3+D4:1.5 D4+G4:1.5 | C4+F#4:1.5 C4+F#4:1.5 | D4+F#4:1.5 C4+F#4+A4:1.5
"""
DOUBLE_BASS = """
G2:1.5 D2 | G2 B2 | A2 E2 | D2 F#2 | G2 D2 | G2 B2 | C3 D3 | G2:1 F#2:.5 E2:1 D2:.5 |
G2:1.5 D2 | G2 B2 | D3 A2 | D2 D2:1 F#2:.5
"""
# A frame drum on the congas: down strokes on the beat, lighter ones between.
FIRST_STRAIN = {64: "9..7..", 63: "..5.45"}
TURN = {64: "9..7.7", 63: ".56.6."}
SECOND_STRAIN = {64: "9..8..", 63: ".45.56", 54: "..5..5"}


def guitar() -> str:
    """Boom on the beat, chuck on the last eighth of it."""
    bars = []
    for changes in CHANGES:
        first, *rest = changes.split()
        low, other, chord = GUITAR[first]
        if rest:
            other, _, second = GUITAR[rest[0]]
        else:
            second = chord
        bars.append(f"{low}:1 {chord}:.5' {other}:1 {second}:.5'")
    return " | ".join(bars)


def compose() -> Piece:
    """Twelve bars in G major, ending on the dominant."""
    swell = ((1, 84), (4, 92), (5, 86), (8.9, 92), (9, 98), (12.9, 106))
    soft = tuple((bar, velocity - 18) for bar, velocity in swell)
    kit = Style(METRE, swell)
    frame_drum = [
        *drums(FIRST_STRAIN, kit, range(1, 8)),
        *drums(TURN, kit, range(8, 9)),
        *drums(SECOND_STRAIN, kit, range(9, 13)),
    ]
    parts = (
        Part("Fiddle", 110, line(FIDDLE, Style(METRE, swell, detached=1, contour=0.4)), volume=108),
        Part("Accordion", 21, line(ACCORDION, Style(METRE, soft, detached=1)), volume=74, pan=84),
        Part("Guitar", 25, line(guitar(), Style(METRE, soft)), volume=98, pan=40),
        Part("Double bass", 32, line(DOUBLE_BASS, Style(METRE, swell, detached=2)), volume=104),
        Part("Frame drum", 0, frame_drum, is_drum=True, volume=88, pan=70),
    )
    return Piece("jig.mid", "The Irish Washerwoman", 174, METRE, "G", 12, parts)
