"""Both fictional cases in a real browser: the phone page, the agents' desk, the sandbox."""
