"""What agreements between states make of a case: provisions as changes and metrics, and the gaps that they leave."""
