"""Lossless editors, one a syntax: text in, text out, and every untouched byte stays as it was."""
