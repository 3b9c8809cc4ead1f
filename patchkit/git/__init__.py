"""Git: mirrors in the cache, commits without a checkout, pushes with a lease.

Objects are read and written with pygit2; the git program talks to remotes, signs, and answers for
work trees.
"""
