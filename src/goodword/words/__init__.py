"""Sentences for people, made of codes and typed values: verdicts here; later by language. Must not know: where a sentence is shown."""

from goodword.words.verdicts import Explained, sentences

__all__ = ["Explained", "sentences"]
