"""Two replicas of Ray Serve on this machine, one killed in mid-run: its bars come from the other.

Needs the extra `serve`, which is some thirty packages and is not among those of the other tests:

    pip install "ray[serve]==2.60.0" && python -m pytest tests/engine/test_ray_serve.py
"""

from dataclasses import replace

import pytest
import torch

from meloformer.checkpoint import Card, save
from meloformer.engine.request import ContinueRequest
from meloformer.engine.writer import LocalEngine
from meloformer.errors import ConfigError
from meloformer.model import MeloFormer
from meloformer.model.config import SIZES
from meloformer.model.weights_hash import weights_hash
from meloformer.tokens import encode, vocabulary
from tests.corpus.small_corpus import small_score

pytest.importorskip("ray.serve", reason="needs the extra `serve`", exc_type=ImportError)
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Ray's own warnings

REQUEST = ContinueRequest(num_bars=24, num_candidates=2, seed=3)


@pytest.fixture(scope="module")
def local():
    """A model that is slow enough to be caught in the act."""
    torch.manual_seed(0)
    config = replace(SIZES["small"], num_layers=16)
    card = Card(
        name="slow",
        model=config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=512,
        steps=0,
        tokens_seen=0,
    )
    return LocalEngine(MeloFormer(config).eval(), card)


@pytest.fixture(scope="module")
def engine(local, tmp_path_factory):
    import ray
    from ray import serve

    from meloformer.engine.ray_serve import LOCAL, replicated_engine, start_replicas

    folder = tmp_path_factory.mktemp("model") / "slow"
    save(folder, local.model, local.card)
    start_replicas(folder, num_replicas=2, address=LOCAL)
    yield replicated_engine(LOCAL, weights_hash(local.model))
    serve.shutdown()
    ray.shutdown()


def told(bars):
    return [
        (bar.candidate, bar.bar, [track.notes.tolist() for track in bar.score.tracks])
        for bar in bars
    ]


def kill_who_writes():
    """Kill the replica that has a run, and return whether there was one."""
    import ray

    for actor in ray.util.list_named_actors(all_namespaces=True):
        if not actor["name"].startswith("SERVE_REPLICA::meloformer#model"):
            continue
        replica = ray.get_actor(actor["name"], actor["namespace"])
        if ray.get(replica.get_num_ongoing_requests.remote()) > 0:
            ray.kill(replica)
            return True
    return False


def test_bars_of_a_replica_that_is_killed_in_mid_run_come_from_another(engine, local):
    encoding = encode(small_score(1, 6))
    expected = told(local.write(encoding, REQUEST))
    assert told(engine.write(encoding, REQUEST)) == expected
    was_killed = False
    for _ in range(5):  # on a fast machine all may be written before it is found
        bars = engine.write(encoding, REQUEST)
        first = next(bars)
        was_killed = kill_who_writes()
        assert told([first, *bars]) == expected
        if was_killed:
            break
    assert was_killed


def test_models_that_are_others_are_refused(engine):
    from meloformer.engine.ray_serve import LOCAL, replicated_engine

    with pytest.raises(ConfigError, match="not the one"):
        replicated_engine(LOCAL, "0" * 64)
