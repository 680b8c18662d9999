"""Music written by a stand-in for the model, which is quick and the same on every machine."""

from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.engine.composition import compose
from meloformer.engine.export import whole_piece
from meloformer.engine.piece import Piece
from meloformer.engine.request import Request
from tests.golden_music.written import stand_in


def bars_of(piece: Piece, request: Request) -> list[FinishedBar]:
    """Each bar as it is finished."""
    return list(compose(*stand_in(), piece.encoding, request))


def candidate_of(piece: Piece, request: Request) -> Candidate:
    return bars_of(piece, request)[-1].so_far


def joined(piece: Piece, request: Request) -> bytes:
    """The whole piece, with new bars in it."""
    return whole_piece(piece, request, candidate_of(piece, request))
