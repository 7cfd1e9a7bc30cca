"""Published lists, one format a file: each reads records into entries, and says what version of the list it read."""
