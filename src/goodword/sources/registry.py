"""The sources of events, by name. Adding one is a module and a line here."""

from goodword.sources import native_source
from goodword.sources.base import Source

REGISTRY: dict[str, Source] = {
    "native": native_source.SOURCE,
}
