"""The folder that other programs may name files in, and no others."""

from pathlib import Path

from meloformer.errors import ConfigError


class OscFolder:
    """A folder with MIDI files of a musician.

    Args:
        path: It has to be there.

    Raises:
        ConfigError: There is no such folder.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise ConfigError(f"{path} is no folder.", hint="Name one that a DAW exports to.")
        self.path = path.resolve()

    def find(self, name: str) -> Path:
        """Return a file by its path below the folder, or by its whole path.

        Raises:
            ConfigError: It is elsewhere, also by a link, or no file.
        """
        try:
            path = (self.path / name).resolve()
            is_file = path.is_file()
        except (
            OSError,
            ValueError,
            RuntimeError,
        ) as error:  # too long, a zero byte, a loop of links
            raise ConfigError("This is no name of a file.") from error
        if not path.is_relative_to(self.path):
            raise ConfigError("The file is not in the folder that was given.")
        if not is_file:
            raise ConfigError("There is no such file in the folder.")
        return path
