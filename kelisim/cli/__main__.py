"""`python -m kelisim.cli` is `kelisim`."""

from kelisim.cli import main

main()
