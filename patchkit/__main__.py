"""`patchkit` and `python -m patchkit`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything is imported: scripts ask it often.
        from patchkit import __version__  # noqa: PLC0415

        sys.stdout.write(f"patchkit {__version__}\n")
        return
    # A run is short and its memory bounded: looking for cycles is a tenth of it.
    gc.set_threshold(100_000)
    # Plugins of other packages have no say here; looking for them takes a sixth of a start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from patchkit.cli.boundary import run  # noqa: PLC0415

    code = run(sys.argv[1:])
    # Python looks for cycles once more when it ends: that would be another tenth.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
