"""Webhooks of billing systems and shops that sign a whole object: a module each, over ``base`` and ``signatures``."""
