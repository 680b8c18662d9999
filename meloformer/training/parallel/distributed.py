"""The processes of a run: their ranks, what they agree on, how gradients are averaged.

Without torchrun there is one process, and all of this costs nothing.
"""

import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel

from meloformer.errors import ConfigError
from meloformer.model.transformer import MeloFormer


@dataclass(frozen=True)
class DistributedContext:
    """All processes that train one run, as seen by one of them."""

    rank: int
    """Which one this is, from 0."""
    size: int
    device: torch.device
    _wrapped: list[DistributedDataParallel] = field(default_factory=list, compare=False)

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes into the run folder."""
        return self.rank == 0

    def sum(self, values: Sequence[float]) -> list[float]:
        """Add up numbers of all processes. Goes over the CPU, so that no device is waited for."""
        if self.size == 1:
            return list(values)
        together = torch.tensor(values, dtype=torch.float64)
        dist.all_reduce(together)
        return cast("list[float]", together.tolist())

    def all_reduce(self, values: Tensor) -> Tensor:
        """Add up tensors of all processes on their devices, in place."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def gather(self, value: object) -> list[object]:
        """Return what each process gives, in the order of their ranks, to all of them."""
        if self.size == 1:
            return [value]
        gathered: list[object] = [None] * self.size
        dist.all_gather_object(gathered, value)
        return gathered

    def parallel(self, model: MeloFormer, *, fsdp: bool) -> nn.Module:
        """Wrap the model so that the gradients of all processes are averaged.

        Args:
            model: The same on all processes; with `fsdp`, split over them in place.
            fsdp: Each process keeps a share of every weight instead of all of it.
        """
        if self.size == 1:
            return model
        if fsdp:
            self.split(model)
            return model
        devices = None if self.device.type == "cpu" else [self.device]
        parallel = DistributedDataParallel(model, device_ids=devices, gradient_as_bucket_view=True)
        # The model's buffers never change. The argument of this name was deprecated in torch 2.13,
        # for one that older versions do not know.
        parallel.broadcast_buffers = False
        self._wrapped.append(parallel)
        return parallel

    def release(self) -> None:
        """Take the process group from the models that were wrapped; gradients stay here after it.

        A reducer that outlives the group ends its threads, holding the interpreter's lock (torch
        2.13). A thread that needs the lock, to let go of the tensors of the last collective, would
        wait for ever, and this process for the thread.
        """
        while self._wrapped:
            del self._wrapped.pop().reducer

    def split(self, model: MeloFormer) -> None:
        """Leave each process a share of every weight, in place."""
        if self.size > 1:
            # Not at the top: with FSDP it takes a third of the time in which a process starts.
            from meloformer.training.parallel.sharding import shard

            shard(model, self.device)


def no_gradient_sync(parallel: nn.Module, *, active: bool) -> AbstractContextManager[None]:
    """Keep gradients in this process, while the batches of a step are not all read.

    Args:
        parallel: What `DistributedContext.parallel` gave.
        active: Whether more batches follow.
    """
    if isinstance(parallel, DistributedDataParallel):
        return cast("AbstractContextManager[None]", parallel.no_sync() if active else nullcontext())
    # Split by FSDP, whose class is not imported for a question.
    set_gradient_sync = getattr(parallel, "set_requires_gradient_sync", None)
    if set_gradient_sync is not None:
        set_gradient_sync(not active)
    return nullcontext()


@contextmanager
def join_processes(timeout_s: float) -> Iterator[DistributedContext]:
    """Meet the other processes that torchrun has started, if it has.

    Args:
        timeout_s: How long one waits for another before it raises an error.

    Raises:
        ConfigError: There are more processes than GPUs.
    """
    rank, size, local_rank = (
        int(os.environ.get(name, default))
        for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
    )
    device = _device(local_rank)
    if size == 1:
        yield DistributedContext(0, 1, device)
        return
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    timeout = timedelta(seconds=timeout_s)
    store = _fresh_store(rank, size, timeout)
    dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=timeout)
    context = DistributedContext(rank, size, device)
    yield context
    # Not after an error: to say goodbye can mean to wait for one that is gone.
    context.release()
    dist.destroy_process_group()


def _fresh_store(rank: int, size: int, timeout: timedelta) -> Store:
    """Make a store for the processes to find each other that no dead ones have written to.

    torchrun of torch 2.13 keeps one store for all its attempts, in which the new processes would
    find the addresses of those before them. So the first makes up a name for the attempt, and
    hands it to each that shows that it lives: greetings may be old, answers to them are not.
    """
    store, _, _ = next(rendezvous("env://", timeout=timeout))
    own = uuid.uuid4().hex
    if rank:
        store.set(f"greeting/{rank}", own)
        name = store.get(f"answer/{own}").decode()  # waits for it
        store.set(f"thanks/{name}/{rank}", "")
        return PrefixStore(name, store)
    until = time.monotonic() + timeout.total_seconds()
    silent = set(range(1, size))
    while silent:
        for other in sorted(silent):
            if store.check([f"thanks/{own}/{other}"]):
                silent.remove(other)
            elif store.check([f"greeting/{other}"]):
                store.set(f"answer/{store.get(f'greeting/{other}').decode()}", own)
        if time.monotonic() > until:
            raise dist.DistStoreError(f"processes {sorted(silent)} of the run have not come")
        time.sleep(0.02)
    return PrefixStore(own, store)


def is_lost_peer(error: Exception) -> bool:
    """Return whether an error only says that another process is gone, or does not answer."""
    # Gloo raises plain RuntimeErrors.
    return isinstance(error, dist.DistError) or (
        isinstance(error, RuntimeError) and "gloo" in str(error).lower()
    )


def _device(local_rank: int) -> torch.device:
    if not torch.cuda.is_available():
        return torch.device("cpu")
    if local_rank >= torch.cuda.device_count():
        raise ConfigError(
            f"process {local_rank + 1} of this machine has no GPU: there are "
            f"{torch.cuda.device_count()}",
            hint="set devices to 0 for one process on each",
        )
    device = torch.device("cuda", local_rank)
    torch.cuda.set_device(device)
    return device
