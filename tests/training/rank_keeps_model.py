"""A worker that keeps its model when its process group has ended: the model lets go of the group.

What keeps a group ends its threads later, while it holds the interpreter's lock for which one of
them may be waiting. That hangs one time in many, mostly where torch is read from a cold disk.
"""

import torch
import torch.distributed as dist
from torch import nn

from meloformer.training.parallel.distributed import join_processes


def main() -> int:
    with join_processes(60) as context:
        parallel = context.parallel(nn.Linear(2, 2), fsdp=False)
        parallel(torch.ones(1, 2)).sum().backward()
    return int(dist.is_initialized() or hasattr(parallel, "reducer"))
