"""The numbers that the model and the tokens must have in common, compared.

The model knows no tokens and the tokens know no model, so each has its own. Loads without torch.
"""

from meloformer.errors import ConfigError
from meloformer.model.config import SIZES, TokenType
from meloformer.score.part import MAX_INSTANCES, NUM_PARTS
from meloformer.tokens.annotate import TokenRole
from meloformer.tokens.vocabulary import MAX_BAR_TICKS, vocabulary


def check_agreement() -> None:
    """Refuse to go on where the model is not of these tokens.

    Raises:
        ConfigError: A number differs; the sentence says which.
    """
    of_tokens = {
        "token types": [(each.name, each.value) for each in TokenRole],
        "tokens": vocabulary().size,
        "onsets in the longest bar": MAX_BAR_TICKS,
        "parts": NUM_PARTS,
        "instances of a program": MAX_INSTANCES,
    }
    for name, size in SIZES.items():
        of_model = {
            "token types": [(each.name, each.value) for each in TokenType],
            "tokens": size.vocab_size,
            "onsets in the longest bar": size.num_onsets,
            "parts": size.num_parts,
            "instances of a program": size.num_instances,
        }
        for what, expected in of_tokens.items():
            if of_model[what] != expected:
                raise ConfigError(
                    f"The model `{name}` is made for other {what} than there are: "
                    f"{of_model[what]} instead of {expected}.",
                    hint="Change meloformer/model/config.py together with the tokens.",
                )
