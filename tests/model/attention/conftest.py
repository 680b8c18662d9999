import os

import torch

if not torch.cuda.is_available():
    # Kernels in Triton then run on the CPU. It is asked for when they are imported.
    os.environ["TRITON_INTERPRET"] = "1"
