"""Servers that Saathi brings along and supervises itself: no root, no Docker, no service."""
