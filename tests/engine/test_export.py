import dataclasses
import io

import mido
import numpy as np

from meloformer.engine.candidate import within_bars
from meloformer.engine.composition import compose, finish
from meloformer.engine.export import continuation_alone, whole_piece
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, PartRequest, Presence, RewriteRequest
from meloformer.score import (
    Part,
    Score,
    Tempo,
    TimeSignature,
    Track,
    bar_grid,
    note_array,
    read_midi,
    write_midi,
)


def messages_before(data, tick):
    """(track, tick, message) of all that comes before a tick, end of track aside."""
    found = []
    for index, track in enumerate(mido.MidiFile(file=io.BytesIO(data)).tracks):
        at = 0
        for message in track:
            at += message.time
            if at < tick and message.type != "end_of_track":
                found.append((index, at, message.copy(time=0)))
    return found


def test_the_whole_piece_begins_as_uploaded_and_is_longer_by_the_bars_asked_for(model, card, score):
    piece = Piece.read("tune", write_midi(score))
    data, encoding = piece.data, piece.encoding
    parts = tuple(PartRequest(part, Presence.ALWAYS) for part in (*encoding.parts, Part(73)))
    request = ContinueRequest(num_bars=5, parts=parts)
    (made,) = finish(compose(model, card, encoding, request))
    whole = whole_piece(piece, request, made)
    seam = int(piece.grid.starts[-1])
    new_track = len(mido.MidiFile(file=io.BytesIO(data)).tracks)  # the flute's
    kept = [message for message in messages_before(whole, seam) if message[0] < new_track]
    assert kept == messages_before(data, seam)
    assert bar_grid(read_midi(whole)).num_bars == encoding.num_bars + 5
    assert read_midi(whole).num_notes == piece.score.num_notes + made.score.num_notes


def test_a_piece_with_bars_written_again_is_as_uploaded_everywhere_else(model, card, score):
    piece = Piece.read("tune", write_midi(score))
    score, encoding = piece.score, piece.encoding
    bass = encoding.part_of_track.index(Part(33))
    request = RewriteRequest(first_bar=1, last_bar=4, parts=(PartRequest(Part(33)),))
    filler = dataclasses.replace(card, infill=True)
    steps = list(compose(model, filler, encoding, request))
    lines = piece.grid.starts
    for step in steps:  # however early it is stopped
        whole = read_midi(whole_piece(piece, request, step.so_far))
        for index, (old, new) in enumerate(zip(score.tracks, whole.tracks, strict=True)):
            if index == bass:
                outside, still = (
                    notes[(notes[:, 0] < lines[1]) | (notes[:, 0] >= lines[1 + step.bar])]
                    for notes in (old.notes, new.notes)
                )
                assert np.array_equal(outside, still)
                assert len(new.notes) == len(outside) + step.so_far.score.num_notes
            else:
                assert np.array_equal(old.notes, new.notes)


def test_the_continuation_alone_has_its_parts_named(model, card, score):
    piece, request = Piece.read("tune", write_midi(score)), ContinueRequest(num_bars=2)
    (made,) = finish(compose(model, card, piece.encoding, request))
    alone = read_midi(continuation_alone(piece, request, made))
    expected = {"Drums", "Fingered bass", "Piano", "Piano 2"}
    assert {track.name for track in alone.tracks} <= expected


def test_what_would_ring_on_ends_with_the_last_bar():
    notes = note_array([(0, 12, 60, 80), (40, 96, 64, 80)])
    score = Score(
        12, (Track("", 0, False, notes),), (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), 48
    )
    assert within_bars(score).tracks[0].notes[:, 1].tolist() == [12, 8]
