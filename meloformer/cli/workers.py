"""The verb of the command line that starts models for apps on other machines: `workers`."""

import time
from pathlib import Path


def workers(
    address: str = "local",
    replicas: int = 2,
    model: Path | None = None,
    keep: bool = True,
) -> None:
    """Start models on a Ray cluster that write for `meloformer app --workers`.

    Args:
        address: Of the cluster, such as `10.0.0.1:6379`, or `auto` on a machine of it; `local`
            starts one that ends with this command.
        replicas: How many models; each takes a core.
        model: A checkpoint folder, at the same place on every machine; by default the one that was
            shipped.
        keep: Stay until interrupted; a cluster that lives by itself keeps the models either way.
    """
    from meloformer.engine.ray_serve import start_replicas
    from meloformer.registry import default_checkpoint

    start_replicas(model or default_checkpoint(), num_replicas=replicas, address=address)
    print(f"{replicas} models write on the cluster at {address}.")
    while keep:
        time.sleep(1)
