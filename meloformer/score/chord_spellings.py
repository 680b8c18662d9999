"""How musicians spell the kinds of chords: what stands behind the root of a chord symbol.

Case is kept, because M7 and m7 differ.
"""

EXACT: dict[str, str] = {
    "maj": "maj Maj MAJ major Major M",
    "min": "m min Min mi minor -",
    "dim": "dim Dim ° o diminished mb5 m(b5)",
    "aug": "aug Aug + augmented #5 (#5) +5",
    "7": "7 dom7 dom",
    "maj7": "maj7 Maj7 MAJ7 major7 M7 Δ Δ7 ma7 j7 j",
    "min7": "m7 min7 Min7 mi7 minor7 -7",
    "dim7": "dim7 Dim7 °7 o7",
    "hdim7": "m7b5 ø ø7 Ø Ø7 h h7 hdim hdim7 min7b5 mi7b5 -7b5 m7(b5) min7(b5) -7(b5) m7-5",
    "sus2": "sus2 Sus2",
    "sus4": "sus4 Sus4 sus Sus 4",
    "7sus4": "7sus4 7sus 7(sus4) sus7",
    "6": "6 maj6 M6 add6",
    "min6": "m6 min6 mi6 -6",
    "9": "9 dom9",
    "maj9": "maj9 Maj9 M9 Δ9 ma9 j9",
    "min9": "m9 min9 mi9 -9",
    "5": "5 power",
}
"""Spellings that say a quality and no more."""

NEAREST: dict[str, str] = {
    "maj": "add9 add2 (add9) 2",
    "min": "madd9 m(add9) m/9 -/9 mMaj7 mmaj7 mM7 m(maj7) m(Maj7) m(M7) mΔ mΔ7 -Δ -Δ7 minmaj7 "
    "-maj7 mMaj9 mmaj9 mM9 m(maj9) m(Maj9) m(M9) mΔ9 -Δ9 minmaj9 m9(maj7) m9maj7 m9M7 -9(maj7)",
    "dim": "dimmaj7 dim(maj7) dimM7 °Δ °Δ7 °maj7 oΔ7 omaj7",
    "7": "7b9 7#9 7b5 7#5 7+ +7 aug7 7alt alt 7(b9) 7(#9) 7#11 7(#11) 7b13 7(b13)",
    "maj7": "maj7#11 maj7(#11) maj7#5 M7#11 Δ7#11 Δ#11",
    "sus2": "7sus2 9sus2 maj7sus2 M7sus2 5add9 5(add9) 5(9)",
    "sus4": "sus2sus4 sus24 maj7sus4 maj9sus4 M7sus4 M9sus4 6sus4 6sus (4)",
    "7sus4": "9sus4 9sus 13sus4 13sus 11",
    "6": "69 6/9 6(9) 6add9",
    "min6": "m69 m6/9 -69 -6/9",
    "9": "13 9#11 13#11",
    "maj9": "maj13 M13 Δ13",
    "min9": "m11 min11 -11 m13 min13 -13",
}
"""Spellings that say more than any quality, under the one that is nearest."""
