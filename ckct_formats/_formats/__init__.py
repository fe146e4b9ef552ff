"""The format modules: they know bytes and dialects, and nothing of calls."""
