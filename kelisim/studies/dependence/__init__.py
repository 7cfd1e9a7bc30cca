"""On whom a country depends, with what, by which way, and who loses more if a tie is cut."""
