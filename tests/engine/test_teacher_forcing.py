import dataclasses

import numpy as np
import torch

from meloformer.engine.composition import prepare_prompt
from meloformer.engine.generate import prefill
from meloformer.engine.request import ContinueRequest
from meloformer.engine.stream import Stream, as_inputs
from meloformer.engine.teacher_forcing import teacher_forced_logits
from meloformer.model import KVCache
from meloformer.tokens import bar_ends, encode


def test_decoding_one_by_one_equals_one_forward_pass(model, score):
    """The cache changes the cost, never the music."""
    ids = encode(score).ids[:150]
    whole = teacher_forced_logits(model, ids)
    stream = Stream(ids[:1])
    cache = KVCache(model.config, 1, len(ids))
    with torch.inference_mode():
        steps = [model(as_inputs([stream.columns(len(ids))]), cache)[0]]
        for token in ids[1:].tolist():
            inputs = as_inputs([np.array(stream.append(token), dtype=np.int64)[:, None]])
            inputs = inputs._replace(order=torch.full_like(inputs.ids, cache.length))
            steps.append(model(inputs, cache)[0])
    torch.testing.assert_close(torch.cat(steps), whole, atol=1e-5, rtol=1e-5)


def test_the_prompt_predicts_what_the_whole_pass_predicts(model, card, score):
    encoding = encode(score)
    end = int(bar_ends(encoding.ids)[3])
    long_sighted = dataclasses.replace(card, context_tokens=1024)
    prompt = prepare_prompt(model, long_sighted, encoding, ContinueRequest(from_bar=4))
    whole = teacher_forced_logits(model, encoding.ids[:end])
    assert np.allclose(prompt.logits, whole[-1].numpy(), atol=1e-5)


def test_rows_padded_in_front_are_read_like_alone(model, score):
    ids = encode(score).ids
    ends = bar_ends(ids)
    streams = [Stream(ids[: int(ends[bar])]) for bar in (0, 3, 5)]
    with torch.inference_mode():
        together = model(as_inputs([s.columns(1000) for s in streams]))[:, -1]
        alone = [model(as_inputs([s.columns(1000)]))[0, -1] for s in streams]
    torch.testing.assert_close(together, torch.stack(alone), atol=1e-5, rtol=1e-5)


def test_a_long_past_is_read_from_its_last_bars(model, score):
    ids = encode(score).ids
    end = int(bar_ends(ids)[4])
    stream = Stream(ids[:end])
    columns = stream.columns(max_tokens=200)
    assert columns.shape[1] <= 200
    assert columns[2].max() == 4  # bars count on where the stream stands
    assert prefill(model, stream, 256).cache.length < len(ids[:end])
