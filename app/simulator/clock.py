"""The demo's clock: real time plus the seconds written in the offset file."""

import os
import tempfile
import time
from pathlib import Path


class Clock:
    """Reads the same offset file as the product, so both move together."""

    def __init__(self, offset_file: Path) -> None:
        self._file = offset_file
        self._read_at = 0.0
        self._offset = 0

    def now(self) -> float:
        """Seconds since the epoch, as the demo sees them."""
        return time.time() + self.offset()

    def offset(self) -> int:
        # At most one file read each 200 ms: every API call asks for the time.
        if time.monotonic() - self._read_at > 0.2:
            self._offset = self._read()
            self._read_at = time.monotonic()
        return self._offset

    def move(self, offset: int) -> None:
        """Write the offset atomically, so that no reader sees half a number."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=self._file.name)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(f"{offset}\n")
        Path(name).replace(self._file)
        self._offset, self._read_at = offset, time.monotonic()

    def _read(self) -> int:
        try:
            return int(self._file.read_text(encoding="ascii").strip() or 0)
        except (FileNotFoundError, ValueError):
            return 0
