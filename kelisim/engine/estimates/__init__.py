"""Rows of low grade as ranges: samples of a case that keep what is known of it, each solved and asked a cut."""
