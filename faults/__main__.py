"""`python -m faults`: see ``run``."""

from faults.run import main

main()
