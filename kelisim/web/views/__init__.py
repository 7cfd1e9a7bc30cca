"""Parts of the pages, one file each."""
