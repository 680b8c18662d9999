"""A chorale for four voices: three phrases, the last on a suspended half cadence."""

from notation import Part, Piece, Style, line

METRE = (4, 4)

SOPRANO = """
B4:1 C5 D5 B4 | C5 B4 A4:2 | B4:1 A4 G4 F#4 | G4 A4 B4:2 |
D5:1 D5 E5 D5 | C5 B4 A4:2 | B4:1 C#5 D5 E5 | D5 C#5 D5:2 |
D5:1 C5 B4 G4 | A4 B4 E5 D5 | C5 B4 A4 G4 | G4:2 F#4:2
"""
ALTO = """
G4:1 A4 B4 G4 | E4:.5 F#4 G4:1 F#4:2 | D4:1 D4 E4 D4 | E4 F#4 G4:2 |
G4:1 G4 G4 G4 | E4 E4 E4:2 | G4:1 A4 A4 G4 | F#4 G4 A4:2 |
B4:1 A4 G4 G4 | F#4 F#4 G4 G4 | A4 G4 E4 E4 | D4:4
"""
TENOR = """
D4:1 D4 D4 E4 | C4 D4 D4:2 | D4:1 D4 B3 B3 | B3 D4 D4:2 |
B3:.5 C4 D4:1 C4 D4 | E4 E4 C4:2 | E4:1 E4 D4 B3 | D4 E4 F#4 E4 |
D4 D4 B3 C4 | A3 A3 B3 D4 | E4 D4 C4 A3 | A3:4
"""
BASS = """
G3:1 F#3 G3 G3 | A3 G3 D3:2 | G3:1 F#3 E3 B2 | E3 D3 G2:2 |
G3:.5 A3 B3:1 C4 B3 | A3 G#3 A3:2 | E3:1 A3 F#3 G3 | A3 A2 D3:2 |
G3:1 F#3 E3 E3 | D3 D#3 E3 B2 | A2 B2 C3 C#3 | D3:4
"""

DYNAMICS = (
    (1, 68),
    (3, 80),
    (4.9, 64),
    (5, 78),
    (7.5, 92),
    (8.9, 74),
    (9, 80),
    (10.6, 98),
    (12.9, 58),
)


def compose() -> Piece:
    """Twelve bars in G major."""
    inner = Style(METRE, tuple((bar, velocity - 7) for bar, velocity in DYNAMICS), accent=3)
    outer = Style(METRE, DYNAMICS, accent=4, contour=0.5)
    parts = (
        Part("Soprano", 52, line(SOPRANO, outer), volume=100, pan=44),
        Part("Alto", 52, line(ALTO, inner), volume=96, pan=56),
        Part("Tenor", 52, line(TENOR, inner), volume=96, pan=72),
        Part("Bass", 52, line(BASS, outer), volume=102, pan=84),
    )
    return Piece("choir.mid", "Chorale", 76, METRE, "G", 12, parts)
