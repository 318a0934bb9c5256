"""Invented medical papers, rendered and photographed by simulation, with labels."""
