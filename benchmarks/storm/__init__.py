"""Families who tell their cases while everything around Saathi fails; see `faults.py`."""
