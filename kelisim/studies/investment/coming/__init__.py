"""What may come in the year that is planned for: in short words, from a file, and by rules of trade."""
