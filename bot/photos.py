"""What holds for every photo before it is opened, in whichever process."""

from functools import cache

import pillow_heif

# A larger one is refused: unpacked it would fill the memory.
MOST_PIXELS = 120_000_000


@cache
def read_heic() -> None:
    """iPhones send HEIC as a file. Only the processes that open photos need to read it."""
    pillow_heif.register_heif_opener()
