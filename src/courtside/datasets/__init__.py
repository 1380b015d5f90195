"""A round's dataset: which frames enter it, and the folder it becomes."""
