"""``goodword`` and ``python -m goodword``."""

from goodword.cli import main

if __name__ == "__main__":
    main()
