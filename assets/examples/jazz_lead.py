"""A blues in F for tenor saxophone, piano, double bass and drums, swung in triplets.

The twelve bars end on a turnaround, so the next chorus can begin at once.
"""

from notation import Part, Piece, Style, drums, line

METRE = (4, 4)

MELODY = """
C5:.5 D5:.5 F5:1! D5:.5 F5:.5' r:1 | F5:.5 D5:.5 Ab4:1 Bb4:.5' r:1.5 |
C5:.5 D5:.5 F5:1! A5:.5 F5:.5' r:1 | G5:.5 Eb5:.5 C5:.5 Bb4:.5 A4:.5 C5:.5 Eb5:.5 Gb5:.5 |
F5:1.5! D5:.5' r:1 F5:.5 Ab5:.5 | Ab5:.5 F5:.5 D5:.5 B4:.5 Ab4:1' r:1 |
r:.5 A4:.5 C5:.5 Eb5:.5 D5:.5 C5:.5 A4:.5 F4:.5 |
G4:.5 A4:.5 C5:.5 Eb5:.5 D5:.5 C5:.5 A4:.5 F#4:.5 |
G4:.5 Bb4:.5 D5:.5 F5:.5 A5:1/3! Bb5:1/3 A5:1/3 F5:.5 D5:.5 |
E5:.5 Db5:.5 C5:.5 Bb4:.5 G4:.5 E4:.5 G4:.5 Bb4:.5 |
A4:.5 C5:1' r:.5 A4:.5 C5:.5 Eb5:.5 F#4:.5 | D5:.5 Bb4:.5 G4:.5 Bb4:.5 C5:1' r:1
"""

WALKING_BASS = """
F2:1 C3 A2 C3 | Bb2 Ab2 G2 Gb2 | F2 A2 C3 B2 | C3 G2 F2 A2 |
Bb2 D3 Ab2 Bb2 | B2 D3 F3 E3 | F3 Eb3 C3 Bb2 | A2 Eb3 D3 F#2 |
G2 Bb2 D3 Db3 | C3 Bb2 G2 E2 | F2 Eb2 D2 F#2 | G2 D3 C3 E2
"""

# Rootless voicings, each tone moving by step or staying: the bass has the roots.
VOICINGS = {
    "F7": "A3+Eb4+G4",
    "Bb7": "Ab3+D4+G4",
    "Cm7": "Bb3+Eb4+G4",
    "Bdim7": "Ab3+D4+F4",
    "Am7b5": "G3+C4+Eb4",
    "D7": "F#3+C4+Eb4",
    "Gm7": "F3+Bb3+D4",
    "C7": "E3+Bb3+D4",
}
CHANGES = (
    "F7", "Bb7", "F7", "Cm7 F7", "Bb7", "Bdim7", "F7", "Am7b5 D7", "Gm7", "C7", "F7 D7", "Gm7 C7",
)  # fmt: skip
# How the piano places a bar: rests and chords, {0} the first half's chord, {1} the second's.
COMPING = (
    "{0}:1~ r:.5 {1}:.5' r:2",
    "r:1.5 {0}:.5' r:.5 {1}:1 r:.5",
    "r:.5 {0}:1 r:1 {1}:.5' r:1",
    "{0}:1.5 r:.5 {1}:.5' r:1 {1}:.5",
)

RIDE = {51: "7.. 9.6 7.. 9.6", 44: "... 8.. ... 8..", 36: "3.. 3.. 3.. 3.."}
SNARE = (
    "... ... ..4 ...", "..5 ... ... ..4", "... ..5 ... ...", "... ... ..6 ..5",
    "... ..4 ... ...", "..4 ... ..5 ...", "... ... ... ..5", "..5 ..4 ... 6..",
    "... ... ..5 ...", "... ..5 ... ..4", "..5 ... ..5 ...", "..5 .56 567 .78",
)  # fmt: skip

DYNAMICS = ((1, 84), (4, 92), (5, 98), (8, 88), (9, 100), (10, 102), (12.9, 84))


def piano() -> str:
    """Comping: four placements in turn, so that no two bars in a row sound alike."""
    bars = []
    for number, changes in enumerate(CHANGES):
        chords = [VOICINGS[name] for name in changes.split()]
        # A bar with two chords must sound both after the middle; the last placement does.
        placement = COMPING[3 if len(chords) == 2 else number % 3]
        bars.append(placement.format(chords[0], chords[-1]))
    return " | ".join(bars)


def compose() -> Piece:
    """One chorus."""
    horn = Style(METRE, DYNAMICS, swing=True, detached=1, contour=0.7, accent=2)
    comping = Style(METRE, ((1, 66), (12, 74)), swing=True, accent=0)
    walking = Style(METRE, ((1, 84), (12, 90)), detached=1, accent=4, contour=0.2)
    kit = Style(METRE, ((1, 78), (5, 84), (12, 88)))
    time = drums(RIDE, kit, range(1, 13))
    for bar, hits in enumerate(SNARE, 1):
        time += drums({38: hits}, kit, range(bar, bar + 1))
    parts = (
        Part("Tenor sax", 66, line(MELODY, horn), volume=108, pan=60),
        Part("Piano", 0, line(piano(), comping), volume=92, pan=84),
        Part("Double bass", 32, line(WALKING_BASS, walking), volume=110, pan=64),
        Part("Drums", 32, time, is_drum=True, volume=92),
    )
    return Piece("jazz-lead.mid", "Blues in F", 138, METRE, "F", 12, parts)
