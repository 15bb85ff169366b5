"""Segment's protocol, which RudderStack's clients speak too: a ``table`` of its fields, their ``mapping``, the ``source`` itself."""
