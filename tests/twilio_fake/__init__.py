"""A strict, stateful stand-in for Twilio's WhatsApp side, on loopback.

It refuses what Twilio refuses (and, where Twilio would put a sample value before a
person, refuses too), signs its webhooks, and remembers every call. It runs in a process
of its own: `python -m tests.twilio_fake`; tests reach it through `tests.fake_twilio`.
"""
