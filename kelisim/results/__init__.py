"""What came out of a study: tables with units, measures, runs on disk."""
