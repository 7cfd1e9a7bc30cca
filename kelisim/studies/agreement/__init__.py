"""What a package between states is worth, and where it has gaps."""
