"""What an HTML page is made of."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The tags of a page with their attributes, in order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        self.text += data

    def all(self, name: str) -> list[str]:
        """Return the values of an attribute wherever it stands."""
        return [str(attributes[name]) for _, attributes in self.tags if name in attributes]
