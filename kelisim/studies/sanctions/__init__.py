"""Sanctions: verdicts from day to day, what is exposed, what it changes, and lawful answers."""
