"""Replicas of a model as a deployment of Ray Serve, on any machines of a Ray cluster.

Optional: needs the extra `serve`.
"""

import asyncio
import importlib.util
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from meloformer import checkpoint
from meloformer.engine.replicas import Answer, Refused, ReplicaLostError, ReplicatedEngine, Stream
from meloformer.engine.request import Request
from meloformer.engine.writer import LocalEngine
from meloformer.errors import ConfigError, MeloFormerError
from meloformer.model.weights_hash import weights_hash
from meloformer.tokens import Encoding

LOCAL = "local"
"""The address that starts a cluster on this machine alone."""
_APP, _DEPLOYMENT = "meloformer", "model"
_RUNS_A_REPLICA = 32


class ModelReplica:
    """One model, which writes a bar of one run, then a bar of the next.

    Args:
        folder: Of the checkpoint, on the machine of the replica.
    """

    def __init__(self, folder: str) -> None:
        path = Path(folder)
        model, card = checkpoint.load(path)
        self._engine = LocalEngine(model, card, checkpoint.load_known_runs(path))
        self._turn = asyncio.Lock()  # which goes to whoever has waited longest

    async def model_hash(self) -> str:
        """Return the hash of its weights."""
        return weights_hash(self._engine.model)

    async def write(self, encoding: Encoding, request: Request) -> AsyncIterator[Answer]:
        """Yield the bars of a run, or a sentence."""
        bars = self._engine.write(encoding, request)
        try:
            while True:
                async with self._turn:
                    bar = await asyncio.to_thread(next, bars, None)
                if bar is None:
                    return
                yield bar
        except MeloFormerError as error:
            yield Refused(error.problem, error.hint)
        finally:
            async with self._turn:
                bars.close()


def start_replicas(folder: Path, *, num_replicas: int, address: str) -> None:
    """Deploy replicas of a model on a Ray cluster, which keeps them there.

    Args:
        folder: Of the checkpoint, the same on every machine.
        num_replicas: How many; each takes a core.
        address: Of the cluster; `LOCAL` starts one.

    Raises:
        ConfigError: Ray Serve is not installed, or there is no cluster.
    """
    serve = _connected(address)
    deployment = serve.deployment(
        name=_DEPLOYMENT,
        num_replicas=num_replicas,
        max_ongoing_requests=_RUNS_A_REPLICA,
        ray_actor_options={"num_cpus": 1},
    )(ModelReplica)
    serve.start(proxy_location="Disabled")  # apps ask by Ray; nobody needs to by HTTP
    serve.run(deployment.bind(str(folder.resolve())), name=_APP, route_prefix=None)


def replicated_engine(address: str, model_hash: str) -> ReplicatedEngine:
    """Return an engine that writes with the replicas of a cluster.

    Args:
        address: Of the cluster.
        model_hash: Of the weights that they must have.

    Raises:
        ConfigError: Ray Serve is not installed, there are no replicas, or they have another model.
    """
    serve = _connected(address)
    import ray

    try:
        handle = serve.get_deployment_handle(_DEPLOYMENT, _APP)
        theirs = handle.model_hash.remote().result(timeout_s=120)
    except (ray.exceptions.RayError, serve.exceptions.RayServeException, TimeoutError) as error:
        raise ConfigError(
            f"No models answer on the cluster at `{address}`: {error}.",
            hint="Start them there by `meloformer workers`.",
        ) from error
    if theirs != model_hash:
        raise ConfigError(
            "The models on the cluster are not the one that this app was started with.",
            hint="Give both the same --checkpoint.",
        )
    return ReplicatedEngine(lambda encoding, request: _stream(handle, encoding, request))


def _stream(handle: Any, encoding: Encoding, request: Request) -> Stream:
    import ray
    from ray import serve

    lost = (
        ray.exceptions.RayActorError,
        ray.exceptions.ObjectLostError,
        ray.exceptions.OwnerDiedError,
        serve.exceptions.RayServeException,
    )
    answers = handle.options(stream=True).write.remote(encoding, request)
    try:
        yield from answers
    except lost as error:
        raise ReplicaLostError from error
    finally:
        answers.cancel()


def _connected(address: str) -> Any:
    """Connect to a cluster, unless that is done, and return Ray Serve."""
    if importlib.util.find_spec("ray") is None or importlib.util.find_spec("grpc") is None:
        raise ConfigError(
            "Ray Serve is not installed, and models on other machines need it.",
            hint='Install it: `pip install "meloformer[serve]"`.',
        )
    import ray
    from ray import serve

    if not ray.is_initialized():
        try:
            ray.init(
                address=None if address == LOCAL else address,
                logging_level=logging.ERROR,
                log_to_driver=False,
                include_dashboard=False if address == LOCAL else None,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ConfigError(
                f"There is no Ray cluster at `{address}`: {error}.",
                hint="Start one by `ray start --head`, or join it by `ray start --address`.",
            ) from error
    return serve
