"""Classifiers of whole frames."""
