"""Follows one object from a box that somebody gave, without a detector."""
