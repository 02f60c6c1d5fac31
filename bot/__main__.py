"""`python -m bot` is `youju`."""

import sys

from bot.cli import main

sys.exit(main())
