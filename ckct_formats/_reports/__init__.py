"""What `check` and `diff` found, and what responses hold, as people and machines read it."""
