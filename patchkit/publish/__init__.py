"""From a rendered fix to its pull request: first a plan, which is pure, then doing it."""
