"""The video border: everything that touches containers, codecs and pixels on disk."""
