"""Which instructions are those of a tile."""

from benchmarks.kernel_code import kinds_of, loops

LISTING = """
        /*0010*/                   IMAD.MOV.U32 R1, RZ, RZ, c[0x0][0x28] ;
        /*0020*/               @P0 BRA `(.L_x_9) ;
.L_x_0:
        /*0030*/                   LDG.E R2, [R4] ;
.L_x_1:
        /*0040*/                   FADD R2, R2, R3 ;
        /*0050*/              @!P1 MUFU.EX2 R2, R2 ;
        /*0060*/               @P0 BRA `(.L_x_1) ;
        /*0070*/               @P2 BRA `(.L_x_0) ;
.L_x_9:
        /*0080*/                   EXIT ;
.L_x_2:
        /*0090*/                   BRA `(.L_x_2);
"""


def test_inner_loops_are_found_and_their_instructions_counted() -> None:
    inner, end = loops(LISTING)
    assert inner == ["FADD", "MUFU", "BRA"]
    assert end == ["BRA"]
    assert kinds_of(inner) == {"float": 1, "exponential": 1, "integer": 1}
