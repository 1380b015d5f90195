"""One module per DVC stage: read, call, write, log."""
