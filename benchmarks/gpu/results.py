"""Results on the disk: one JSON, written anew after each row, and one Markdown table."""

import json
from pathlib import Path
from typing import Any

from meloformer.files import write_json, write_text

Result = dict[str, Any]
FAILED = "failed"


class Results:
    """What has been measured so far, in this run and in earlier ones."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._json, self._markdown = folder / "gpu.json", folder / "gpu.md"
        text = self._json.read_text(encoding="utf-8") if self._json.is_file() else "{}"
        self._rows: dict[str, Result] = json.loads(text)

        self.tried: list[str] = []
        """Rows that were added since."""

    def names(self) -> list[str]:
        """Return the rows that have been measured; those that failed have not."""
        return [name for name, row in self._rows.items() if FAILED not in row]

    def add(self, name: str, result: Result) -> None:
        """Keep a row, in the place of an older one of its name."""
        self._rows[name] = result
        self.tried.append(name)
        write_json(self._json, self._rows)
        write_text(self._markdown, self._tables())

    def _tables(self) -> str:
        """Return a table for each group."""
        groups: dict[str, dict[str, Result]] = {}
        for name, result in self._rows.items():
            group, _, last = name.rpartition("/")
            groups.setdefault(group, {})[last] = _with_ratio(result, self._rows, group)
        return "\n".join(_table(group, rows) for group, rows in groups.items())


def _with_ratio(result: Result, rows: dict[str, Result], group: str) -> Result:
    """Return a row with how many times faster it is than the one named `dense` of its group."""
    base = rows.get(f"{group}/dense", {}).get("ms")
    if not base or "ms" not in result:
        return result
    return {**result, "times dense": base / result["ms"]}


def _table(group: str, rows: dict[str, Result]) -> str:
    columns = list(dict.fromkeys(key for row in rows.values() for key in row if key != FAILED))
    lines = [f"## {group}", "", _line(["", *columns]), _line(["---"] * (len(columns) + 1))]
    for name, row in rows.items():
        cells = [_cell(row.get(column, "")) for column in columns]
        if FAILED in row:
            cells = [row[FAILED].replace("|", "/"), *[""] * (len(columns) - 1)]
        lines.append(_line([name, *cells]))
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"
