"""MeloFormer: embed, blocks, logits.

Matrices live in `blocks.*.attention.{qkv,out}` and `blocks.*.ffn.{gate_up,down}`, tables in
`embed_*`; everything else is a vector.

Axes: B row, T position, S key position, D width, V vocabulary.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Union

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from meloformer.model.attention.layer import Attention, CacheSlot
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.paths import (
    AttentionPath,
    choose_path,
    make_cached_mask,
    make_mask,
    padded_length,
)
from meloformer.model.attention.rule import MaskFields
from meloformer.model.chunked_loss import Taught, chunked_loss
from meloformer.model.config import ModelConfig, TokenType
from meloformer.model.inputs import Inputs
from meloformer.model.kv_cache import KVCache
from meloformer.model.regional_compilation import compiled_region
from meloformer.model.rope import MusicalRope

if TYPE_CHECKING:
    from meloformer.model.decode.cache import RoundedCache
    from meloformer.model.decode.decoder import Decoder

Floats = NDArray[np.float32]
DecodingCache = Union[KVCache, "RoundedCache"]
"""What has been read of some rows: rounded where one more token is compiled."""

INIT_STD = 0.02
FFN_POSITIONS = 512
"""Of a row are fed forward at once on a CPU: what is between the projections stays in its cache."""


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, dim: int, ffn_dim: int) -> None:
        super().__init__()
        self.gate_up = nn.Linear(dim, 2 * ffn_dim, bias=False)
        self.down = nn.Linear(ffn_dim, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to each position. (B, T, D) to the same."""
        if torch.is_grad_enabled() or x.device.type != "cpu" or x.shape[1] <= FFN_POSITIONS:
            return self._feed(x)
        return torch.cat([self._feed(part) for part in torch.split(x, FFN_POSITIONS, 1)], dim=1)

    def _feed(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        return self.down(F.silu(gate) * up)  # type: ignore[no-any-return]  # nn.Module


class TransformerBlock(nn.Module):
    """Attention, then feed-forward, each on a normalised copy of the residual stream."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.dim)
        self.attention = Attention(config)
        self.ffn_norm = nn.RMSNorm(config.dim)
        self.ffn = FeedForward(config.dim, config.ffn_dim)
        self.dropout = nn.Dropout(config.dropout)

    def attend(
        self,
        x: Tensor,
        rope: tuple[Tensor, Tensor],
        mask: AttentionMask,
        slot: CacheSlot | None = None,
    ) -> Tensor:
        """Return what attention adds to the residual stream. (B, T, D)."""
        return self.dropout(self.attention(self.attention_norm(x), rope, mask, slot))  # type: ignore[no-any-return]  # nn.Module

    def project(self, x: Tensor, rope: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values of the residual stream; see `Attention.project`."""
        return self.attention.project(self.attention_norm(x), rope)

    def merge(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Return the residual stream after attention. (B, T, D).

        Args:
            x: The stream before it. (B, T, D).
            mixed: What the heads mixed. (B, T, H, K).
        """
        return x + self.dropout(self.attention.merge(mixed))  # type: ignore[no-any-return]  # nn.Module

    def finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Return the residual stream after both layers; arguments as of `merge`. (B, T, D)."""
        return self.fed_forward(self.merge(x, mixed))

    def fed_forward(self, x: Tensor) -> Tensor:
        """Return the residual stream after the feed-forward layer. (B, T, D)."""
        return x + self.feed_forward(x)

    def feed_forward(self, x: Tensor) -> Tensor:
        """Return what the feed-forward layer adds. (B, T, D)."""
        return self.dropout(self.ffn(self.ffn_norm(x)))  # type: ignore[no-any-return]  # nn.Module


class MeloFormer(nn.Module):
    """A causal Transformer over HID tokens with music's own sparsity."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.checkpoint_attention = False
        """Compute attention again in the backward pass instead of keeping what it computed."""
        self.checkpoint_ffn = False
        """Likewise the feed-forward layers."""
        self.compiles_blocks = False
        """Compile blocks in training: on a GPU a step is then shorter, and the first one longer."""
        self.forced_path: AttentionPath | None = None
        """The path by which rows without a cache are attended to; None: the fastest."""
        self._decoder: Decoder | None = None
        # Loading may put new tensors in the place of the old ones.
        self.register_load_state_dict_post_hook(_forget_decoder)  # type: ignore[no-untyped-call]  # torch
        self.embed_token = nn.Embedding(config.vocab_size, config.dim)
        # Row 0 of these three is "none" and stays zero.
        num_programs = config.num_parts // config.num_instances
        self.embed_program = nn.Embedding(num_programs + 1, config.dim, padding_idx=0)
        self.embed_instance = nn.Embedding(config.num_instances + 1, config.dim, padding_idx=0)
        self.embed_onset = nn.Embedding(config.num_onsets + 1, config.dim, padding_idx=0)
        self.rope = MusicalRope(config.head_dim, config.num_onsets)
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.num_layers))
        self.norm = nn.RMSNorm(config.dim)
        self.reset_parameters()

    @property
    def num_parameters(self) -> int:
        """Number of trained values; the output layer shares the token embedding."""
        return sum(parameter.numel() for parameter in self.parameters())

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw new weights: residual projections zero, every other matrix of deviation 0.02."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=INIT_STD)
        for table in (self.embed_program, self.embed_instance, self.embed_onset):
            table.weight[0].zero_()
        for block in self.layers:
            nn.init.zeros_(block.attention.out.weight)
            nn.init.zeros_(block.ffn.down.weight)

    def forward(
        self,
        inputs: Inputs,
        cache: KVCache | None = None,
        targets: Tensor | None = None,
        mask: AttentionMask | None = None,
        taught: Taught | None = None,
    ) -> Tensor:
        """Return logits of the token after each position, or what they cost.

        Args:
            inputs: Tokens; with a cache, those that follow the cached ones.
            cache: What was read before; the new tokens are appended to it.
            targets: The token after each position, negative where none is predicted. Given them,
                the model never holds the logits of all positions at once. (B, T).
            mask: What `mask_of` gave for these rows, if it was made before.
            taught: With targets: what a teacher says of the same positions. (B, T, V).

        Returns:
            (B, T, V), float32; with targets, the sum of their losses in nats.
        """
        read = self._read(inputs, cache, mask)
        if targets is None:
            return self._head(read)
        return chunked_loss(
            read.flatten(0, 1),
            self.embed_token.weight,
            targets.flatten(),
            taught=None if taught is None else taught.flat(),
        )

    @torch.inference_mode()
    def prefill(self, inputs: Inputs, max_tokens: int) -> tuple[DecodingCache, Floats]:
        """Read prompts, to go on with `next_logits`.

        Args:
            inputs: The prompts. (B, T).
            max_tokens: Of a row that the cache has room for, those of the prompt included.

        Returns:
            A cache with the prompts, and logits of the token after each. (B, V).
        """
        weight = self.embed_token.weight
        B, T = inputs.ids.shape
        decoding = self._path(weight.device, B, 1, cached=True)
        compiled = decoding is AttentionPath.ONE_TOKEN
        room = T if compiled else max_tokens
        cache = KVCache(self.config, B, room, weight.device, self._compute_dtype(weight.device))
        logits = self._head(self._read(inputs, cache)[:, -1]).cpu().numpy()
        if not compiled:
            return cache, logits
        from meloformer.model.decode.cache import RoundedCache

        self._refresh_decoder()
        return RoundedCache.of(cache, max_tokens), logits

    def next_logits(self, columns: NDArray[np.int64], cache: DecodingCache) -> Floats:
        """Read one more token in every row of a cache.

        Args:
            columns: Their fields, in the order of `Inputs`. (8, B).
            cache: From `prefill` with the weights that the model has now; the new tokens are
                appended to it.

        Returns:
            Logits of the token after it. (B, V).
        """
        if not isinstance(cache, KVCache):
            return (self._decoder or self._refresh_decoder()).next_logits(columns, cache)
        device = self.embed_token.weight.device
        inputs = Inputs(*torch.from_numpy(columns).to(device)[..., None])
        with torch.inference_mode():  # as the cache was filled
            logits: Floats = self.forward(inputs, cache)[:, 0].cpu().numpy()
        return logits

    def warm_up(self) -> None:
        """Read two tokens, so that what decodes is compiled: some seconds, once on each machine."""
        token = np.zeros((len(Inputs._fields), 1), np.int64)
        token[Inputs._fields.index("part")] = token[Inputs._fields.index("note")] = -1
        device = self.embed_token.weight.device
        cache, _ = self.prefill(Inputs(*torch.from_numpy(token).to(device)[..., None]), 2)
        self.next_logits(token, cache)

    def _read(
        self, inputs: Inputs, cache: KVCache | None, mask: AttentionMask | None = None
    ) -> Tensor:
        """Return what the output layer reads. (B, T, D)."""
        T = inputs.ids.shape[1]
        path = self._path(inputs.ids.device, len(inputs.ids), T, cached=cache is not None)
        inputs = inputs.padded(padded_length(path, T))
        x = self.embed(inputs)
        dtype = self._compute_dtype(x.device)
        rope = self.rope(inputs.bar, inputs.onset, dtype)
        start = 0 if cache is None else cache.length
        if cache is None:
            mask = self.mask(path, inputs, dtype) if mask is None else mask
        else:
            new = MaskFields.of(inputs, self.config)
            mask = make_cached_mask(path, new, cache.append(new), self.config, dtype)
        if self.compiles_blocks and self.training and cache is None:
            return self._read_compiled(x, rope, mask)[:, :T]
        for layer, block in enumerate(self.layers):
            slot = None if cache is None else cache.slot(layer, start)
            if self.checkpoint_attention and self.training:
                x = x + checkpoint(block.attend, x, rope, mask, use_reentrant=False)
            else:
                x = x + block.attend(x, rope, mask, slot)
            if self.checkpoint_ffn and self.training:
                x = x + checkpoint(block.feed_forward, x, use_reentrant=False)
            else:
                x = x + block.feed_forward(x)
        return self.norm(x[:, :T])  # type: ignore[no-any-return]  # nn.Module

    def _read_compiled(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: AttentionMask) -> Tensor:
        """Return what the output layer reads, by blocks that are compiled but for attention."""
        project = compiled_region(TransformerBlock.project)
        merge = compiled_region(TransformerBlock.merge)
        finish = compiled_region(TransformerBlock.finish)
        feed = compiled_region(TransformerBlock.fed_forward)

        def attended(block: TransformerBlock, x: Tensor) -> Tensor:
            after: Tensor = merge(block, x, mask.attend(*project(block, x, rope)))
            return after

        for block in self.layers:
            if not (self.checkpoint_attention or self.checkpoint_ffn):
                x = finish(block, x, mask.attend(*project(block, x, rope)))
                continue
            x = _run(attended, block, x, again=self.checkpoint_attention)
            x = _run(feed, block, x, again=self.checkpoint_ffn)
        read: Tensor = self.norm(x)
        return read

    def _head(self, x: Tensor) -> Tensor:
        """Return logits. (..., D) to (..., V), float32."""
        return F.linear(x, self.embed_token.weight).float()

    def mask_of(self, inputs: Inputs) -> AttentionMask:
        """Return the mask with which rows without a cache are read, to make it ahead."""
        T, device = inputs.ids.shape[1], inputs.ids.device
        path = self._path(device, len(inputs.ids), T, cached=False)
        padded = inputs.padded(padded_length(path, T))
        return self.mask(path, padded, self._compute_dtype(device))

    def mask(self, path: AttentionPath, inputs: Inputs, dtype: torch.dtype) -> AttentionMask:
        """Return the mask of rows without a cache; see `make_mask`."""
        return make_mask(path, inputs, self.config, dtype)

    def _path(
        self,
        device: torch.device,
        rows: int,
        length: int,
        *,
        cached: bool,
    ) -> AttentionPath:
        """Return the path for rows of new tokens, which may follow those of a cache."""
        if not cached and self.forced_path is not None:
            return self.forced_path
        return choose_path(
            device,
            self._compute_dtype(device),
            rows,
            length,
            training=self.training,
            cached=cached,
        )

    def _compute_dtype(self, device: torch.device) -> torch.dtype:
        """Return the dtype in which attention runs: autocast's, if it is on."""
        if torch.is_autocast_enabled(device.type):
            return torch.get_autocast_dtype(device.type)
        return self.embed_token.weight.dtype

    def embed(self, inputs: Inputs) -> Tensor:
        """Return token, part and onset as one vector each position. (B, T, D)."""
        part = inputs.part
        instances = self.config.num_instances
        # Floor division sends the -1 of "no part" to program -1, which the shift makes row 0.
        program = torch.div(part, instances, rounding_mode="floor") + 1
        instance = torch.where(part >= 0, part % instances + 1, 0)
        onset = torch.where(inputs.type >= TokenType.ONSET, inputs.onset + 1, 0)
        return (  # type: ignore[no-any-return]  # nn.Module
            self.embed_token(inputs.ids)
            + self.embed_program(program)
            + self.embed_instance(instance)
            + self.embed_onset(onset)
        )

    def _refresh_decoder(self) -> "Decoder":
        """Return the decoder of the weights as they are now."""
        from meloformer.model.decode.decoder import Decoder  # imports Numba

        if self._decoder is None or not self._decoder.is_current:
            self._decoder = Decoder(self)
        return self._decoder

    @property
    def layers(self) -> list[TransformerBlock]:
        """The blocks, with their type."""
        return [block for block in self.blocks if isinstance(block, TransformerBlock)]


def _run(
    half: Callable[[TransformerBlock, Tensor], Tensor],
    block: TransformerBlock,
    x: Tensor,
    *,
    again: bool,
) -> Tensor:
    """Run half a block, and again in the backward pass if what it computes is not to be kept."""
    if not again:
        return half(block, x)
    return checkpoint(half, block, x, use_reentrant=False)  # type: ignore[no-any-return]  # torch


def _forget_decoder(model: nn.Module, _: object) -> None:
    if isinstance(model, MeloFormer):
        model._decoder = None
