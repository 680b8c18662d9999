from meloformer.score import Score, Tempo, TimeSignature, Track, note_array
from meloformer.tokens import Kind, encode, vocabulary
from meloformer.tokens.in_force import in_force
from meloformer.tokens.vocabulary import METRES


def test_a_metre_holds_until_the_next():
    notes = note_array([(0, 12, 60, 80), (200, 12, 62, 80)])
    metres = (TimeSignature(0, 4, 4), TimeSignature(96, 3, 4))
    score = Score(12, (Track("", 0, False, notes),), (Tempo(0, 120.0),), metres, 240)
    ids = encode(score).ids
    vocab = vocabulary()
    kind, value = vocab.kind[ids], vocab.value[ids]
    found = [METRES[index] for index in value[in_force(kind, Kind.METRE)]]
    assert found == [(4, 4), (4, 4), (3, 4), (3, 4), (3, 4), (3, 4)]
    assert len(in_force(kind, Kind.TEMPO)) == 6
