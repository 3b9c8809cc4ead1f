"""Lossless edits of Python files, found by name and structure.

LibCST finds the spans, the original text is spliced, and Python's own parser judges the result:
outside the new text it must mean what it meant. https://libcst.readthedocs.io

Importing LibCST takes longer than all of patchkit, so nothing here does until an op runs.
"""
