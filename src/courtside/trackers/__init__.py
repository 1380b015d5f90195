"""Trackers: boxes of one frame after the other in, the same boxes with identities out."""
