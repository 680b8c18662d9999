import pytest

from meloformer.score.accidentals import with_signs
from meloformer.score.chords import CHORD_NAMES
from meloformer.score.key import KEY_NAMES


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ("Bbm7b5", "B♭m7♭5"),
        ("F# minor", "F♯ minor"),
        ("Bb B Bm Ab/C", "B♭ B Bm A♭/C"),
        ("C in every bar, then Eb", "C in every bar, then E♭"),
        ("N", "N"),
        ("", ""),
    ],
)
def test_sharps_and_flats_are_printed_with_their_signs(plain, printed):
    assert with_signs(plain) == printed


def test_no_name_of_a_chord_or_key_keeps_a_typed_sign():
    for name in (*CHORD_NAMES, *KEY_NAMES):
        printed = with_signs(name)
        assert "#" not in printed
        assert not printed[1:].startswith("b")
