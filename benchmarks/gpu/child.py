"""Measures some rows, one after the other, and prints a line of JSON for each.

The first line names them all.
"""

import argparse
import json
import traceback
from pathlib import Path

from benchmarks.gpu.plan import rows_for
from benchmarks.gpu.results import FAILED
from benchmarks.gpu.rows import Row, Setting, Values


def outcome(row: Row, setting: Setting) -> Values:
    """Return what was measured, or a sentence about why not."""
    try:
        return row.measure(setting)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other rows go on
        with (setting.out / "errors.txt").open("a", encoding="utf-8") as log:
            log.write(f"{row.name}\n{traceback.format_exc()}\n")
        lines = str(error).strip().splitlines() or ["nothing was said"]
        return {FAILED: f"{type(error).__name__}: {lines[0][:200]}"}


def is_broken(result: Values) -> bool:
    """Return whether the device answers no more, so that only a new process helps."""
    reason = str(result.get(FAILED, ""))
    return any(sign in reason for sign in ("CUDA error", "illegal", "AcceleratorError"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("device", choices=["cuda", "cpu"])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--only", nargs="*", default=[""], help="rows whose names begin so")
    parser.add_argument("--without", nargs="*", default=[], help="rows that are there already")
    arguments = parser.parse_args()
    setting = Setting(arguments.shards, arguments.out, arguments.device, arguments.repeats)
    rows = [
        row
        for row in rows_for(setting)
        if row.name.startswith(tuple(arguments.only)) and row.name not in arguments.without
    ]
    print(json.dumps({"plan": [row.name for row in rows]}), flush=True)
    for row in rows:
        result = outcome(row, setting)
        print(json.dumps({"row": row.name, **result}), flush=True)
        if is_broken(result):
            return


if __name__ == "__main__":
    main()
