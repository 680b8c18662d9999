"""The resources of a run, estimated before it starts, without torch.

Parameters are counted exactly. Memory and time are sums of what is known to be large, with four
numbers measured on a CPU (`_PROCESS`, `_WORKER`, `_SLACK` and `_RATE`); they are rough, see
`ResourceEstimate`.
"""

import os
import subprocess
from dataclasses import dataclass

from meloformer.checkpoint import read_card
from meloformer.errors import ConfigError
from meloformer.model.config import SIZES, ModelConfig
from meloformer.runs.config import TrainConfig
from meloformer.runs.devices import device_name, num_processes

_PROCESS = 330 << 20
"""Bytes of a process with torch that has trained a step of next to nothing."""
_WORKER = 80 << 20
"""Bytes of a process that makes batches."""
_LAUNCHER = 220 << 20
"""Bytes of the process that starts the others and waits for them."""
_CONTEXT = 600 << 20
"""Bytes that a process takes of a GPU before it computes anything."""
_SLACK = 1.3
"""What allocators and temporary results add to what is kept for the backward pass."""
_RATE = 4e10
"""Additions and multiplications a second that a run gets out of a core with AVX2; one with AVX-512
reaches half again as many."""
_QUERY_BLOCK = 256
_MEMORY_ERROR = 1.5
"""By what factor an estimate of memory may be too high."""
_MUON_ROUNDS = 5
"""Rounds of the Newton-Schulz iteration in which Muon makes a matrix orthogonal."""


@dataclass(frozen=True, kw_only=True)
class ResourceEstimate:
    """Parameters, memory and time of a run."""

    parameters: int
    """Numbers in the model that it makes, exactly."""
    trainable: int
    """How many numbers are trained, exactly."""
    memory_bytes: int
    """On a GPU of each of them; on the CPU of all processes together. Within a factor of 1.5."""
    tokens_per_step: int
    """At most: padding counts."""
    seconds_per_step: float | None
    """Within a factor of two if nothing else keeps the processor busy; unknown on a GPU."""


def estimate_resources(
    config: TrainConfig, *, device: str | None = None, cores: int | None = None
) -> ResourceEstimate:
    """Estimate what a run will need on this machine.

    Args:
        config: What would be run.
        device: "cpu" or "cuda"; by default what the run would use.
        cores: Cores for all processes together; by default those this process may use.

    Raises:
        ConfigError: There is no such size.
        CheckpointError: The base cannot be read.
    """
    model = _model(config)
    device = device or device_name(config)
    processes = num_processes(config)
    tokens = config.rows * config.context_tokens
    seconds = None
    if device == "cpu":
        operations = config.accumulate * processes * tokens * _operations_per_token(model, config)
        operations += processes * _optimiser_operations(model, config)
        seconds = operations / (_RATE * (cores or _num_cores()))
    return ResourceEstimate(
        parameters=model.num_parameters,
        trainable=_num_trainable(model, config),
        memory_bytes=_memory(model, config, device, processes),
        tokens_per_step=tokens * config.accumulate * processes,
        seconds_per_step=seconds,
    )


def free_memory_bytes(device: str = "cpu") -> int | None:
    """Return the memory that a run could take without anything else having to give way.

    Args:
        device: "cpu", or "cuda" for the GPU that has least to give.

    Returns:
        `None` if it cannot be found out.
    """
    if device != "cpu":
        return _least_of_gpus("memory.free")
    try:
        import psutil
    except ImportError:  # on a bare GPU image
        return None
    return int(psutil.virtual_memory().available)


def cannot_fit(needs: ResourceEstimate, device: str = "cpu") -> bool:
    """Return whether a run needs more memory than there is, even if nothing else ran.

    What cannot be found out fits.
    """
    if device != "cpu":
        there = _least_of_gpus("memory.total")
    else:
        try:
            import psutil
        except ImportError:  # on a bare GPU image
            return False
        there = int(psutil.virtual_memory().total)
    return there is not None and needs.memory_bytes > _MEMORY_ERROR * there


def _model(config: TrainConfig) -> ModelConfig:
    if config.base is not None:
        return read_card(config.base).model
    if config.size not in SIZES:
        raise ConfigError(f"there is no size {config.size}", hint=f"one of {', '.join(SIZES)}")
    return SIZES[config.size]


def _num_in_matrices(model: ModelConfig) -> tuple[int, int]:
    """Count the numbers in the matrices of attention and of the feed-forward layer of a block."""
    qkv, out, gate_up, down = (first * second for first, second in model.matrices)
    return qkv + out, gate_up + down


def _num_trainable(model: ModelConfig, config: TrainConfig) -> int:
    if not config.lora_rank:
        return model.num_parameters
    return model.num_layers * config.lora_rank * sum(map(sum, model.matrices))


def _memory(model: ModelConfig, config: TrainConfig, device: str, processes: int) -> int:
    """Return the bytes of `ResourceEstimate.memory_bytes`."""
    parameters, trainable = model.num_parameters, _num_trainable(model, config)
    if config.lora_rank:
        parameters += trainable
    # Weights and their average; gradients and what the optimiser keeps of them: AdamW two
    # numbers of each, Muon one.
    kept = 4 * (2 * parameters + (3 if _adam_alone(config) else 2) * trainable)
    if config.fsdp:
        kept //= processes
    on_gpu = device != "cpu"
    of_token = _kept_on_gpu(model, config) if on_gpu else _kept_on_cpu(model, config)
    busy = int(_SLACK * config.rows * config.context_tokens * of_token)
    if on_gpu:
        return _CONTEXT + kept + busy
    return _LAUNCHER + processes * (_PROCESS + config.workers * _WORKER + kept + busy)


def _kept_on_gpu(model: ModelConfig, config: TrainConfig) -> int:
    """Return the bytes of a position at the end of the forward pass, by kernels that skip blocks.

    The residual stream is in single precision; the logits of few positions are there at once.
    """
    dim, keys = model.dim, model.num_kv_heads * model.head_dim
    stream, width = 4 * dim, 4 if config.precision == "fp32" else 2
    # The norm, queries, keys and values as they are projected and turned, what attention makes of
    # them; the norm, both halves that are fed forward, and their product.
    attention = stream + width * (dim + 2 * (dim + 2 * keys) + dim)
    ffn = stream + width * (dim + 3 * model.ffn_dim)
    kept = model.num_layers * (stream if config.checkpoint_attention else attention)
    kept += model.num_layers * (stream if config.checkpoint_ffn else ffn)
    kept += max(attention * config.checkpoint_attention, ffn * config.checkpoint_ffn)
    return kept + 4 * stream  # embedding, output layer, and their gradients


def _kept_on_cpu(model: ModelConfig, config: TrainConfig) -> int:
    """Return the bytes of a position at the end of the forward pass, in single precision.

    Half precision saves less than one might think: norms, losses and the residual stream stay as
    they are, and gathered attention keeps its scores.
    """
    dim, keys = model.dim, model.num_kv_heads * model.head_dim
    # Residual stream and its norm, queries, keys and values as they are projected, normed, scaled
    # and turned, and what attention makes of them.
    attention = 2 * dim + (dim + 2 * keys) + 3 * (dim + keys) + 4 * dim
    ffn = 2 * dim + 4 * model.ffn_dim
    layers = model.num_layers
    numbers = layers * (dim if config.checkpoint_attention else attention)
    numbers += layers * (dim if config.checkpoint_ffn else ffn)
    numbers += max(attention * config.checkpoint_attention, ffn * config.checkpoint_ffn)
    # Logits, what the loss makes of them, and the gradients of both; the mask, twice.
    return 4 * (numbers + 4 * model.vocab_size) + 5 * config.context_tokens


def _operations_per_token(model: ModelConfig, config: TrainConfig) -> float:
    """Return the operations of a token, forward and backward."""
    dim, context = model.dim, config.context_tokens
    of_attention, of_ffn = _num_in_matrices(model)
    # A matrix is multiplied with once forward and twice backward: its own gradient, which a
    # frozen one does without, and that of its input.
    passes = 4.0 if config.lora_rank else 6.0
    operations = passes * (model.num_layers * (of_attention + of_ffn) + model.vocab_size * dim)
    # Half the keys come before a query, and some of its block after it.
    keys = min(context / 2 + _QUERY_BLOCK / 2, context)
    scores = 4 * keys * dim
    operations += model.num_layers * 3.5 * scores
    # What is computed again.
    operations += model.num_layers * config.checkpoint_attention * (2 * of_attention + scores)
    operations += model.num_layers * config.checkpoint_ffn * 2 * of_ffn
    return operations


def _optimiser_operations(model: ModelConfig, config: TrainConfig) -> float:
    """Return the operations of Muon in a step; those of AdamW take no time worth counting."""
    if _adam_alone(config):
        return 0.0
    short_long = [sorted(shape) for shape in model.matrices]
    of_block = sum(4 * short * short * long + 2 * short**3 for short, long in short_long)
    return float(_MUON_ROUNDS * model.num_layers * of_block)


def _adam_alone(config: TrainConfig) -> bool:
    """Return whether Muon trains nothing, see `optimiser.Optimiser`."""
    return config.fsdp or config.lora_rank > 0


def _num_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _least_of_gpus(what: str) -> int | None:
    query = ("nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader,nounits")
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return least_mebibytes(answer.stdout)


def least_mebibytes(answer: str) -> int | None:
    """Return the lowest number of lines of MiB, in bytes; `None` if there is no number."""
    mebibytes = [int(line) for line in answer.split() if line.isdecimal()]
    return min(mebibytes) << 20 if mebibytes else None
