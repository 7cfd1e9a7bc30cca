"""fuel."""
