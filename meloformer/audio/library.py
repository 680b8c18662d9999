"""The FluidSynth library, as far as rendering needs it.

pyfluidsynth finds and opens the shared library; four of the functions used here are declared on
top of its own, because they play a MIDI file from memory into a float buffer, which it leaves out.
"""

import contextlib
import importlib
import io
import platform
from collections.abc import Callable
from ctypes import c_char_p, c_int, c_size_t, c_void_p
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from meloformer.errors import AudioError

PLAYING = 1
"""What `player_status` says while there is music to come."""

_LOG_LEVELS = range(5)

_INSTALL_COMMANDS = {
    "Darwin": "brew install fluid-synth",
    "Linux": (
        "sudo apt-get install libfluidsynth3 (Debian, Ubuntu), "
        "sudo dnf install fluidsynth-libs (Fedora) or sudo pacman -S fluidsynth (Arch)"
    ),
    "Windows": "choco install fluidsynth",
}


@dataclass(frozen=True, slots=True)
class Library:
    """Functions of FluidSynth. Handles are integers; 0 or None is a failure."""

    new_settings: Callable[[], int | None]
    set_int: Callable[[int, bytes, int], int]
    set_number: Callable[[int, bytes, float], int]
    delete_settings: Callable[[int], None]
    new_synth: Callable[[int], int | None]
    delete_synth: Callable[[int], None]
    load_soundfont: Callable[[int, bytes, int], int]
    """Returns the number by which `select_program` knows it; below 0 is a failure."""
    select_program: Callable[[int, int, int, int, int], int]
    """synth, channel, SoundFont, bank, program."""
    unset_program: Callable[[int, int], int]
    """synth, channel."""
    write_float: Callable[[int, int, int, int, int, int, int, int], int]
    """synth, number of samples, then buffer, offset and step of the left and the right side."""
    new_player: Callable[[int], int | None]
    add_midi: Callable[[int, bytes, int], int]
    play: Callable[[int], int]
    stop: Callable[[int], int]
    player_status: Callable[[int], int]
    delete_player: Callable[[int], None]


@cache
def load_library() -> Library:
    """Open FluidSynth.

    A failure is not remembered, so the library can be installed while the app runs.

    Raises:
        AudioError: FluidSynth is missing or too old; the hint is the command that installs it.
    """
    fluidsynth = _import_fluidsynth()
    declare = fluidsynth.cfunc
    write_float = declare(
        "fluid_synth_write_float",
        c_int,
        *(("synth", c_void_p, 1), ("len", c_int, 1)),
        *(("left", c_void_p, 1), ("left_offset", c_int, 1), ("left_step", c_int, 1)),
        *(("right", c_void_p, 1), ("right_offset", c_int, 1), ("right_step", c_int, 1)),
    )
    add_midi = declare(
        "fluid_player_add_mem",
        c_int,
        *(("player", c_void_p, 1), ("buffer", c_char_p, 1), ("len", c_size_t, 1)),
    )
    unset_program = declare(
        "fluid_synth_unset_program", c_int, ("synth", c_void_p, 1), ("channel", c_int, 1)
    )
    set_log_function = declare(
        "fluid_set_log_function",
        c_void_p,
        *(("level", c_int, 1), ("function", c_void_p, 1), ("data", c_void_p, 1)),
    )
    if None in (write_float, add_midi, unset_program, set_log_function):
        raise AudioError("The FluidSynth library is older than 2.0.", hint=install_hint())
    for level in _LOG_LEVELS:  # what matters is raised; the rest would clutter the terminal
        set_log_function(level, None, None)
    return Library(
        new_settings=fluidsynth.new_fluid_settings,
        set_int=fluidsynth.fluid_settings_setint,
        set_number=fluidsynth.fluid_settings_setnum,
        delete_settings=fluidsynth.delete_fluid_settings,
        new_synth=fluidsynth.new_fluid_synth,
        delete_synth=fluidsynth.delete_fluid_synth,
        load_soundfont=fluidsynth.fluid_synth_sfload,
        select_program=fluidsynth.fluid_synth_program_select,
        unset_program=unset_program,
        write_float=write_float,
        new_player=fluidsynth.new_fluid_player,
        add_midi=add_midi,
        play=fluidsynth.fluid_player_play,
        stop=fluidsynth.fluid_player_stop,
        player_status=fluidsynth.fluid_player_get_status,
        delete_player=fluidsynth.delete_fluid_player,
    )


def install_hint() -> str:
    """Return the command that installs FluidSynth on this system."""
    command = _INSTALL_COMMANDS.get(platform.system(), "see https://www.fluidsynth.org/download")
    return f"Install it: {command}. Everything but rendered audio works without it."


def _import_fluidsynth() -> ModuleType:
    try:
        # Where the variable CI is set, the import prints what it finds; data goes to that stream.
        with contextlib.redirect_stdout(io.StringIO()):
            return importlib.import_module("fluidsynth")
    except ModuleNotFoundError as error:
        raise AudioError(
            "The Python package pyfluidsynth is missing, so no audio can be rendered.",
            hint="Install it: pip install pyfluidsynth.",
        ) from error
    except (ImportError, OSError, AttributeError) as error:
        raise AudioError(
            "The FluidSynth library is missing, so no audio can be rendered.", hint=install_hint()
        ) from error
