"""`patchkit` and `python -m patchkit`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything is imported: scripts ask it often.
        from patchkit import __version__  # noqa: PLC0415

        sys.stdout.write(f"patchkit {__version__}\n")
        return
    from patchkit.cli.boundary import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
