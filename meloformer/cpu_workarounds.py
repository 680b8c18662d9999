"""Workarounds for matrix instructions that a processor announces and does not have."""

import os
import subprocess
import sys
from pathlib import Path

_VARIABLE = "ONEDNN_MAX_CPU_ISA"
_WITHOUT_AMX = "AVX512_CORE_FP16"
_PROBE = "import torch; a = torch.ones(64, 64, dtype=torch.bfloat16); a @ a"


def avoid_broken_amx() -> None:
    """Keep torch from AMX where using it ends the process.

    Some virtual machines announce AMX and stop a program that uses it with "illegal instruction";
    Muon multiplies in bfloat16 and would. Only a process of its own can find out. Must be called
    before torch multiplies anything; costs nothing where AMX is not announced.
    """
    cpuinfo = Path("/proc/cpuinfo")
    if _VARIABLE in os.environ or not cpuinfo.is_file():
        return
    if "amx_bf16" in cpuinfo.read_text(encoding="utf-8"):
        probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, check=False)
        if probe.returncode < 0:
            os.environ[_VARIABLE] = _WITHOUT_AMX
