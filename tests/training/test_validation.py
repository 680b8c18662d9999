import torch

from meloformer.training.validation import OnDevice
from tests.model.conftest import loud_model
from tests.model.rows import random_rows


@torch.no_grad()
def test_rows_laid_out_for_the_kernel_are_read_as_they_are() -> None:
    model, rows = loud_model(), random_rows(1024)
    device = torch.device("cpu")
    laid_out = OnDevice(model, device, model.config)(rows)
    torch.testing.assert_close(laid_out, OnDevice(model, device)(rows), atol=2e-5, rtol=1e-5)
