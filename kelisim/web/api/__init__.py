"""The interface for programs: the same studies, cuts, runs and tables as on the pages, as JSON over HTTP."""
