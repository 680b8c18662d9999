"""The model's dimensions and its attention rule, as data. Loads without torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import IntEnum

from meloformer.errors import ConfigError


class TokenType(IntEnum):
    """What a token is, as far as attention cares; `data.agreement` compares it with the tokens'."""

    PAD = 0
    SONG = 1
    """Start, end, time signature, tempo."""
    HEADER = 2
    """Chord, part, instance, GAP, FILL."""
    SUM = 3
    ONSET = 4
    PITCH = 5
    DURATION = 6
    VELOCITY = 7


NOTE_TYPES = (TokenType.ONSET, TokenType.PITCH, TokenType.DURATION, TokenType.VELOCITY)
if tuple(TokenType)[-len(NOTE_TYPES) :] != NOTE_TYPES or list(TokenType) != [
    *range(len(TokenType))
]:
    raise ConfigError(
        "The types of note tokens must be the last ones, in their order: a token from "
        "TokenType.ONSET on is taken for one of a note."
    )

MAX_OFFSET = 30
"""The largest distance in bars at which another part can be attended to: offsets are the bits of a
signed 32-bit integer, of which one more stands for all larger distances."""

TypeRule = tuple[tuple[int, ...], ...]
"""For an ONSET, PITCH, DURATION and VELOCITY query: the types it attends to in other notes."""

_T, _P, _L, _V = (int(note_type) for note_type in NOTE_TYPES)
TYPE_RULES: dict[str, TypeRule] = {
    "own_type": ((_P,), (_L,), (_V,), (_T,)),
    "target_ll": ((_T, _P), (_L,), (_V,), (_T, _P)),
    "target": ((_T, _P), (), (_V,), (_T, _P)),
    "spec": ((_T, _P), (_T, _P), (), (_V,)),
    "none": ((_T, _P, _L, _V),) * 4,
}
"""Named rules. A position predicts the next token, so an ONSET token predicts a pitch, a PITCH
token a duration, a DURATION token a velocity and a VELOCITY token the next onset.

- `own_type` goes by the type about to be predicted, and lets it come from its own kind: pitches
  from pitches, and so on. When and in which part the others sound is in each of their tokens.
- `target_ll` lets onsets and pitches come from both.
- `target` is `target_ll`, except that durations come from nothing but their own note.
- `spec` is the published rule, which goes by the query's own type.
- `none` lets every type attend to every type.
"""


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Everything that decides the shape of a model and what its tokens attend to."""

    vocab_size: int
    num_layers: int
    dim: int
    num_heads: int
    num_kv_heads: int
    ffn_dim: int
    """Width of the gated feed-forward layer between its two projections."""
    num_parts: int = 1032
    """Part numbers are `program * num_instances + instance`."""
    num_instances: int = 8
    num_onsets: int = 96
    """Ticks of the longest bar: note onsets are below it, a summary's onset is at most it."""
    cross_offsets: tuple[int, ...] = (0, 1, 2, 4)
    """Distances in bars, either way, at which parts attend to each other."""
    type_rule: TypeRule = TYPE_RULES["own_type"]
    summaries: bool = True
    """Whether the token that ends a bar sums it up for all that follow. If not, it is there to
    predict what comes next: it attends to what a header attends to, and is attended to by none."""
    dense: bool = False
    """Attend to every earlier token of the document instead: the baseline without sparsity."""
    dropout: float = 0.0
    """Share of each residual branch's values dropped in training."""

    def __post_init__(self) -> None:
        if self.dim % self.num_heads or self.head_dim % 4:
            raise ConfigError(
                f"dim {self.dim} does not split into {self.num_heads} heads of a multiple of 4.",
                hint="Choose dim = num_heads * 64.",
            )
        if self.num_heads % self.num_kv_heads:
            raise ConfigError(
                f"{self.num_heads} heads cannot share {self.num_kv_heads} key/value heads evenly."
            )
        if any(not 0 <= offset <= MAX_OFFSET for offset in self.cross_offsets):
            raise ConfigError(
                f"cross_offsets {self.cross_offsets} must lie in 0..{MAX_OFFSET}.",
                hint="A far bar is attended to through its summary.",
            )
        if len(self.type_rule) != len(NOTE_TYPES):
            raise ConfigError(f"type_rule needs 4 rows, one per note type, not {self.type_rule}.")

    @property
    def head_dim(self) -> int:
        """Width of one attention head, K."""
        return self.dim // self.num_heads

    @property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """Input and output width of the linear layers of a block, the two of attention first."""
        qkv = (self.num_heads + 2 * self.num_kv_heads) * self.head_dim
        dim, ffn = self.dim, self.ffn_dim
        return ((dim, qkv), (dim, dim), (dim, 2 * ffn), (ffn, dim))

    @property
    def num_parameters(self) -> int:
        """Number of values of a model; the output layer shares the token table."""
        # The last three tables have a row for "none".
        rows = self.vocab_size + self.num_parts // self.num_instances + 1
        rows += self.num_instances + 1 + self.num_onsets + 1
        of_block = sum(first * second for first, second in self.matrices)
        of_block += 2 * self.dim + 2 * self.head_dim  # two norms, two gains
        return rows * self.dim + self.num_layers * of_block + self.dim

    def to_json(self) -> dict[str, object]:
        """Return a plain dict; tuples become lists once written."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "ModelConfig":
        """Read what `to_json` gave; `type_rule` may also be a name of `TYPE_RULES`.

        Raises:
            ConfigError: A key is unknown or missing, or a value is out of range.
        """
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ConfigError(f"Unknown model setting: {', '.join(sorted(unknown))}.")
        plain = {name: _tuples(value) for name, value in values.items()}
        rule = plain.get("type_rule")
        if isinstance(rule, str):
            if rule not in TYPE_RULES:
                raise ConfigError(
                    f"Unknown type_rule `{rule}`.", hint=f"Known: {', '.join(TYPE_RULES)}."
                )
            plain["type_rule"] = TYPE_RULES[rule]
        try:
            return cls(**plain)  # type: ignore[arg-type]  # JSON: checked by use
        except TypeError as error:
            raise ConfigError(f"The model settings do not fit: {error}.") from error


def _tuples(value: object) -> object:
    """Lists to tuples, at any depth."""
    if isinstance(value, list | tuple):
        return tuple(_tuples(item) for item in value)
    return value


_DIMENSIONS = {
    "tiny": (4, 192, 3, 1, 768),
    "small": (6, 256, 4, 2, 1408),
    "base": (12, 512, 8, 4, 2816),
    "large": (16, 768, 12, 4, 4096),
    "xlarge": (24, 1024, 16, 4, 5632),
}

VOCAB_SIZE = 899
"""Size of the HID vocabulary, of which the model knows no more than this. It and the numbers of
parts and onsets above are those of the tokens: `data.agreement` compares them."""

SIZES: dict[str, ModelConfig] = {
    name: ModelConfig(
        vocab_size=VOCAB_SIZE,
        num_layers=num_layers,
        dim=dim,
        num_heads=num_heads,
        num_kv_heads=num_kv_heads,
        ffn_dim=ffn_dim,
    )
    for name, (num_layers, dim, num_heads, num_kv_heads, ffn_dim) in _DIMENSIONS.items()
}
"""The named sizes; `dataclasses.replace` changes a setting."""
