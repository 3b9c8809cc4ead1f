"""A terminal for programs that show what they have to say to nothing else.

Made with the system's pseudo-terminals: `man 7 pty`.
"""

from __future__ import annotations

import os
import pty
import termios
from typing import IO

ROWS, COLUMNS = 100, 300  # wide enough for the rows of any table
# Whoever asks for input is told that there is none. A terminal says so once for each of these.
_END_OF_INPUT = b"\x04" * 16


class Terminal:
    """Both ends of a terminal at which nobody sits.

    Attributes:
        keyboard: what is written here, the program reads.
        screen: what the program writes comes out here; an OSError where it ends.
        end: the program's own end, a file descriptor.
    """

    def __init__(self) -> None:
        ours, self.end = pty.openpty()
        self.screen: IO[bytes] = open(ours, "rb")  # noqa: PTH123, SIM115  a descriptor
        self.keyboard: IO[bytes] = open(os.dup(ours), "wb", buffering=0)  # noqa: PTH123, SIM115
        termios.tcsetwinsize(self.end, (ROWS, COLUMNS))
        modes = termios.tcgetattr(self.end)
        modes[1] &= ~termios.OPOST  # no carriage returns
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(self.end, termios.TCSANOW, modes)
        self.keyboard.write(_END_OF_INPUT)

    def hand_over(self) -> None:
        """Close the program's end here: from now on it is the program's alone."""
        os.close(self.end)
