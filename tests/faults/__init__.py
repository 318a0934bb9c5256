"""Every fault that we can cause, and what must still be true."""
