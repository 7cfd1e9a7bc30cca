"""Rules of trade of a case: who and what they touch from day to day, and how much of a plan that is."""
