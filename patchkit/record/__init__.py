"""Records hand edits as a fix spec: the ops that explain them best, proved by rendering."""

from patchkit.record.recording import Recording, record
from patchkit.record.writing import Head

__all__ = ["Head", "Recording", "record"]
