"""ZIPs and tars of MIDI files, unpacked without trust.

An archive is gone through twice by the same reader (`zips`, `tars`), which asks an `inventory`
about every member. The first time nothing is written, so an archive is refused whole or not at all;
the second time its music is. Archives inside archives stay closed.
"""

from meloformer.corpus.archives.inventory import is_midi_name, printable
from meloformer.corpus.archives.unpack import is_archive, unpack

__all__ = ["is_archive", "is_midi_name", "printable", "unpack"]
