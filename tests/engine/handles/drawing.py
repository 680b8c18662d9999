"""Music drawn from random logits, to which constraints alone give what it has."""

import numpy as np

from meloformer.engine.constraints import Constraints, CurrentBar
from meloformer.engine.stream import Stream
from meloformer.engine.tasks import task_of
from meloformer.tokens import Kind, encode, vocabulary
from meloformer.tokens.note_lines import part_lines
from tests.engine.handles.music import trio


def written(request, seed, card, score=None):
    """Draw what a request asks for from random logits, and return what parts play, by bar."""
    encoding = encode(score or trio())
    task = task_of(encoding, request)
    plan = task.plan()
    window = task.window(card)
    together, stream = Constraints(plan.constraints()), Stream(window)
    rng, bar = np.random.default_rng(seed), CurrentBar()
    vocab = vocabulary()
    while bar.number < plan.num_bars:
        logits = rng.normal(size=vocab.size).astype(np.float32) * 2
        choice = together.choice(stream.cursor, bar, logits)
        legal = np.flatnonzero(choice.legal)
        assert len(legal), f"nothing may come after {stream.cursor.state.name}"
        chances = np.exp(choice.logits[legal] - choice.logits[legal].max())
        chances /= np.bincount(vocab.kind[legal])[vocab.kind[legal]]  # or all would be onsets
        stream.append(int(rng.choice(legal, p=chances / chances.sum())))
        bar = bar.after(stream.cursor.state)
    made = task.new_bars(stream.ids, window)
    chords = vocab.value[made[vocab.kind[made] == Kind.CHORD]]
    return part_lines(made, 0, plan.num_bars), chords.tolist()
