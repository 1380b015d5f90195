"""What a person decides frame by frame: the order of the questions, and the files that hold the answers."""
