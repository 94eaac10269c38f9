"""WeCom's end of the line in a process of its own: `python -m benchmarks.office 0.05` answers after 50 ms."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.wecom_server import WeComServer


@contextmanager
def office(delay: float) -> Iterator[tuple[str, Callable[[], int]]]:
    """The address of an office that answers after `delay` seconds, and how many calls it has had."""
    command = [sys.executable, "-m", "benchmarks.office", str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        asked, said = program.stdin, program.stdout

        def calls() -> int:
            asked.write("calls\n")
            asked.flush()
            return int(said.readline())

        try:
            yield said.readline().strip(), calls
        finally:
            asked.close()


if __name__ == "__main__":
    with WeComServer(delay=float(sys.argv[1])) as server:
        print(server.api_base, flush=True)
        for _line in sys.stdin:
            print(server.tokens + len(server.bodies), flush=True)
