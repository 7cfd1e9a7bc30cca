"""Screening of names against published lists of sanctioned parties: what is similar, by which script, on what evidence."""
