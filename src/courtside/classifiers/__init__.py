"""Classifiers of whole frames: ball or no ball."""
