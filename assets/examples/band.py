"""A band: eight bars of verse and four that lead to a chorus not yet written."""

from notation import Note, Part, Piece, Style, drums, line

METRE = (4, 4)
CHANGES = ("Em", "C", "G", "D", "Em", "C", "G", "D", "Am", "Em", "C", "D")

MELODY = """
r:.5 B4:.5 E5:.5 F#5:.5 G5:1 F#5:.5 E5:.5 | E5:1.5 D5:.5 E5:1 r:1 |
r:.5 B4:.5 D5:.5 E5:.5 D5:1 B4:.5 G4:.5 | A4:2.5 r:.5 A4:.5 B4:.5 |
r:.5 B4:.5 E5:.5 F#5:.5 G5:1 A5:.5 B5:.5 | G5:1.5 F#5:.5 E5:1 r:1 |
r:.5 B4:.5 D5:.5 G5:.5 F#5:.5 G5:.5 D5:1 | F#5:1.5 E5:.5 D5:1 r:1 |
C5:.5 D5:.5 E5:1! E5:.5 D5:.5 C5:1 | B4:1.5 E5:.5 G5:1! F#5:.5 E5:.5 |
E5:.5 F#5:.5 G5:1! G5:.5 A5:.5 G5:1 | A5:3! r:1
"""

# Eighths on the root with a step or a leap into the next bar.
BASS = """
E2:.5! E2' E2' E2 B2 E2' D2 D2' | C2! C2' C2' C2 G2 C2' D2 F#2 |
G2! G2' G2' G2 D3 G2' F#2 E2 | D2! D2' D2' D2 A2 D2' D2 D#2 |
E2! E2' E2' E2 B2 E2' D2 D2' | C2! C2' C2' C2 G2 C2' D2 F#2 |
G2! G2' G2' G2 D3 G2' F#2 E2 | D2! D2' D2' D2 A2 D2' F#2 G2 |
A2! A2' A2 A2' E3 A2' G2 F#2 | E2! E2' E2 E2' B2 E2' D2 D2' |
C2! C2' C2 C2' G2 C2' B2 C3 | D3! D3' D3 D3' D3! D3 D3! D3
"""

ARPEGGIOS = {
    "Em": "E3 B3 E4 G4 B4 G4 E4 B3",
    "C": "C3 G3 C4 E4 G4 E4 C4 G3",
    "G": "G3 D4 G4 B4 D5 B4 G4 D4",
    "D": "D3 A3 D4 F#4 A4 F#4 D4 A3",
    "Am": "A2 E3 A3 C4 E4 C4 A3 E3",
}
PIANO_CHORDS = (
    "G3+B3+E4", "G3+C4+E4", "G3+B3+D4", "F#3+A3+D4",
    "G3+B3+E4", "G3+C4+E4", "G3+B3+D4", "A3+D4+F#4",
    "A3+C4+E4", "B3+E4+G4", "C4+E4+G4", "D4+F#4+A4",
)  # fmt: skip
# The strings wait four bars, then climb.
STRINGS = """
r:4 | r:4 | r:4 | r:4 | G4+B4:4~ | G4+C5:4 | G4+B4:4 | F#4+A4:4 |
E4+A4+C5:4 | E4+B4+E5:4 | G4+C5+E5:4 | A4+D5:2 A4+D5+F#5:2
"""

VERSE = {
    36: "9... ..7. 8... ....",
    38: ".... 9... .... 9..2",
    42: "8.5. 7.5. 8.5. 7.5.",
}
VERSE_FILL = {
    36: "9... ..7. 8... ..8.",
    38: ".... 9... .... 78..",
    42: "8.5. 7.5. 8.5. ....",
    48: ".... .... .... ..8.",
    45: ".... .... .... ...8",
}
LIFT = {
    36: "9... ..7. 8.7. ....",
    38: ".... 9... .... 9...",
    51: "8.6. 8.6. 8.6. 8.6.",
}
BUILD = {
    36: "9... 8... 8... 8...",
    38: "4.5. 5.6. 6677 8899",
    49: "9... .... .... ....",
}
CRASH = {49: "9... .... .... ...."}


def drum_kit() -> list[Note]:
    """Verse with a fill, the lift on the ride cymbal, and a roll towards what follows."""
    kit = Style(METRE, ((1, 92), (8, 98), (9, 102), (11.9, 106), (12.9, 120)))
    return [
        *drums(VERSE, kit, range(1, 8)),
        *drums(VERSE_FILL, kit, range(8, 9)),
        *drums(LIFT, kit, range(9, 12)),
        *drums(BUILD, kit, range(12, 13)),
        *drums(CRASH, kit, range(1, 10, 4)),
    ]


def compose() -> Piece:
    """Twelve bars in E minor, ending on D."""
    swell = ((1, 84), (4, 88), (5, 90), (8.9, 92), (9, 94), (12, 110))
    soft = tuple((bar, velocity - 20) for bar, velocity in swell)
    sung = Style(METRE, swell, contour=0.6, accent=4)
    picked = Style(METRE, soft, accent=6, contour=0.2)
    bowed = Style(METRE, ((5, 50), (8.9, 62), (9, 66), (12.9, 98)), accent=0)
    arpeggio = " | ".join(ARPEGGIOS[name] for name in CHANGES).replace(" ", ":.5 ", 1)
    piano = " | ".join(f"{c}:1.5! {c}:1.5 {c}:.5' {c}:.5" for c in PIANO_CHORDS)
    parts = (
        Part("Lead guitar", 29, line(MELODY, sung), volume=92, pan=64),
        Part("Clean guitar", 27, line(arpeggio, picked), volume=84, pan=32),
        Part("Piano", 0, line(piano, picked), volume=92, pan=92),
        Part("Strings", 48, line(STRINGS, bowed), volume=84, pan=70),
        Part("Bass", 33, line(BASS, Style(METRE, swell, detached=1, accent=3)), volume=104),
        Part("Drums", 0, drum_kit(), is_drum=True, volume=104),
    )
    return Piece("band.mid", "Before the chorus", 116, METRE, "Em", 12, parts)
