"""One file per action, found by itself."""
