"""A flute alone: Greensleeves, up to the half cadence of its second strain.

The tune is English, of the 16th century. The upbeat stands at the end of a first bar of rest.
"""

from notation import Part, Piece, Style, line

METRE = (6, 8)

MELODY = """
r:2.5 A4:.5 |
C5:1 D5:.5 E5:.75 F#5:.25 E5:.5 | D5:1 B4:.5 G4:.75 A4:.25 B4:.5 |
C5:1 A4:.5 A4:.75 G#4:.25 A4:.5 | B4:1 G#4:.5 E4:1' A4:.5 |
C5:1 D5:.5 E5:.75 F#5:.25 E5:.5 | D5:1 B4:.5 G4:.75 A4:.25 B4:.5 |
C5:.75 B4:.25 A4:.5 G#4:.75 F#4:.25 G#4:.5 | A4:1.5 A4:1 r:.5 |
G5:1.5! G5:.75 F#5:.25 E5:.5 | D5:1 B4:.5 G4:.75 A4:.25 B4:.5 |
C5:1 A4:.5 A4:.75 G#4:.25 A4:.5 | B4:1 G#4:.5 E4:1.5
"""

# Each strain swells to its middle; the second begins at the top and sinks to its open end.
DYNAMICS = (
    (1, 58),
    (2, 64),
    (4.2, 80),
    (5.8, 64),
    (7, 78),
    (8.4, 84),
    (9.9, 60),
    (10, 96),
    (13.9, 62),
)


def compose() -> Piece:
    """Twelve bars and an upbeat in A minor, ending on E."""
    style = Style(METRE, DYNAMICS, accent=7, contour=0.5)
    flute = Part("Flute", 73, line(MELODY, style), volume=105)
    return Piece("solo-melody.mid", "Greensleeves", 80, METRE, "Am", 13, (flute,))
