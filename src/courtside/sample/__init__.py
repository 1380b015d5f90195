"""Draws the default input: basketball broadcasts made by code, with exact truth for every stage."""
