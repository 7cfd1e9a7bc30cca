"""What the world is: tables, horizon, changes and checks."""
