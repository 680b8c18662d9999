"""Draw the pictures of docs/attention.md: `python docs/draw_attention.py`."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from meloformer.model.attention.rule import (
    SUM_KIND,
    MaskFields,
    causal,
    clauses,
    holds,
    itself,
    type_rule,
)
from meloformer.model.config import SIZES, TokenType
from meloformer.model.inputs import Inputs
from meloformer.tokens import annotate, from_text

IMAGES = Path(__file__).parent / "images"
CONFIG = SIZES["small"]
PHASES = {
    "masked": "#f6f4ef",
    "RR other part, near bar": "#8fb3d9",
    "RR own part, any bar": "#2c5d94",
    "RR same note": "#12263f",
    "RR song and header tokens": "#b9b2a3",
    "RS summaries": "#e0913a",
    "SR own bar": "#7a9c59",
    "SS summaries": "#b3402a",
}
BAR = "#D T0 K36 L3 V24 T24 K38 L3 V22 #P33 T0 P36 L24 V22 #P0 T0 P60 L12 V20 T12 P64 L12 V20 SUM"
CHORDS = ("C", "Am", "F", "G7", "C", "Am")


def example() -> Inputs:
    """Six bars of drums, bass and piano; the drums rest in the second."""
    bars = [f"{chord} {BAR}" for chord in CHORDS]
    bars[0] = bars[0].replace("C #D", "C TS_4/4 BPM_18 #D")
    bars[1] = f"Am {BAR[BAR.index('#P33') :]}"
    ids = from_text("\n".join(["BOS", *bars, "EOS"]))
    columns = annotate(ids)
    return Inputs.from_stream(
        ids, columns.type, columns.bar, columns.onset, columns.part, columns.note
    )


CLAUSES = (
    "note or header to near bar",
    "note to own part",
    "note to own note",
    "any to global",
    "any to summary",
    "summary to bar",
)
"""In the order of `PHASES`, of which the last is left to summaries that attend to summaries."""


def phases(inputs: Inputs) -> np.ndarray:
    """Return the index in `PHASES` of what lets each query attend to each key. (T, T)."""
    fields = MaskFields.of(Inputs(*(field[0] for field in inputs)), CONFIG)
    q, k = fields.queries(), fields.keys()
    by_name = {clause.name: clause for clause in clauses(CONFIG)}
    phase = np.zeros((len(inputs.ids[0]),) * 2, dtype=int)
    for index, name in enumerate(CLAUSES, start=1):
        pairs = holds(by_name[name], q, k, CONFIG)
        if by_name[name].by_type:
            pairs = pairs & type_rule(q, k)
        if name == "note to own note":
            pairs = pairs | itself(q, k)
        phase[(pairs & causal(q, k)).numpy()] = index
    between_summaries = (q.kind & k.kind & SUM_KIND).bool() & causal(q, k)
    phase[between_summaries.numpy()] = len(CLAUSES) + 1
    return phase


def draw(name: str, phase: np.ndarray, marks: dict[str, int], title: str) -> None:
    """Write one picture.

    Args:
        name: Of the file.
        phase: (T, T).
        marks: Where each named stretch of tokens begins.
        title: Stands above.
    """
    figure, axes = plt.subplots(figsize=(6.4, 4.9), layout="constrained")
    colours = ListedColormap(list(PHASES.values()))
    axes.imshow(phase, cmap=colours, vmin=-0.5, vmax=len(PHASES) - 0.5, interpolation="nearest")
    starts = list(marks.values())
    middles = np.convolve([*starts, len(phase)], [0.5, 0.5], mode="valid")
    axes.set_xticks(middles, marks, fontsize=8)
    axes.set_yticks(middles, marks, fontsize=8)
    axes.tick_params(length=0)
    for start in starts[1:]:
        axes.axhline(start - 0.5, color="white", linewidth=0.8)
        axes.axvline(start - 0.5, color="white", linewidth=0.8)
    axes.set(xlabel="key", ylabel="query")
    axes.set_title(title, fontsize=10)
    handles = [Patch(color=colour, label=label) for label, colour in PHASES.items()]
    figure.legend(handles=handles, fontsize=7, frameon=False, loc="outside right center")
    figure.savefig(
        IMAGES / f"{name}.png", dpi=110, bbox_inches="tight", metadata={"Software": None}
    )
    plt.close(figure)


def main() -> None:
    """Draw the mask in the order of the stream, and sorted as training lays it out."""
    IMAGES.mkdir(exist_ok=True)
    inputs = example()
    phase = phases(inputs)
    bars = inputs.bar[0].numpy()
    marks = {f"bar {bar}": int(np.argmax(bars == bar)) for bar in range(len(CHORDS))}
    share = (phase > 0).mean()
    draw(
        "mask_stream", phase, marks, f"In the order of the stream: {share:.0%} of the pairs visible"
    )

    types = inputs.type[0].numpy()
    group = np.maximum(types, TokenType.SUM)
    order = np.argsort(group, kind="stable")
    names = ("rest", "T", "P", "L", "V")
    starts = np.searchsorted(group[order], range(TokenType.SUM, TokenType.VELOCITY + 1))
    draw(
        "mask_by_type",
        phase[order][:, order],
        dict(zip(names, map(int, starts), strict=True)),
        "The same pairs, sorted by type",
    )


if __name__ == "__main__":
    mpl.use("Agg")
    main()
