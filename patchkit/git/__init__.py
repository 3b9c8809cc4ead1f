"""What patchkit asks of git: by the git program where a work tree is meant."""
