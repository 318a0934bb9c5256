"""Whole talks with a real `saathi run`, real servers, and strict stand-ins of the providers."""
