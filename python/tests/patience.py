"""How long a test waits for what must come: one number, against a hang."""

LONGEST_SECONDS = 600  # far beyond a slow machine's need; no test measures time
