"""``GET /goodword.js``: the script for the company's site, small, kept long, and for any site."""

import gzip

import httpx
from tests.edges.conftest import Served

from goodword.edge import script


def test_it_is_small_and_the_same_however_it_is_sent(served: Served) -> None:
    """Less than 2,000 bytes as it stands and about half as gzip; comments are left out and texts stay as they are written."""
    plain = httpx.get(f"{served.url}/goodword.js", headers={"accept-encoding": "identity"})
    with httpx.stream("GET", f"{served.url}/goodword.js", headers={"accept-encoding": "gzip"}) as answer:
        small = b"".join(answer.iter_raw())
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small) == plain.content
    assert 1_000 < len(plain.content) < 2_000
    assert len(small) < 1_100
    assert "//" not in plain.text
    assert r"/(?:^|; )gw=([^;]*)/" in plain.text


def test_its_version_is_kept_for_ever_and_whatever_else_for_an_hour(served: Served) -> None:
    """Any site may read it; what is named by its version never changes, and who has it is told so."""
    first = httpx.get(f"{served.url}/goodword.js")
    version = first.headers["etag"].strip('"')
    assert first.headers["cache-control"] == "public, max-age=3600"
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert first.headers["x-content-type-options"] == "nosniff"
    named = httpx.get(f"{served.url}/goodword.js?v={version}")
    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert httpx.get(f"{served.url}/goodword.js?v=other").headers["cache-control"] == "public, max-age=3600"
    known = httpx.get(f"{served.url}/goodword.js", headers={"if-none-match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert httpx.post(f"{served.url}/goodword.js").status_code == 405
    assert httpx.head(f"{served.url}/goodword.js").headers["etag"] == first.headers["etag"]


def test_space_goes_where_it_says_nothing() -> None:
    """Between words, in texts, templates and patterns it stays."""
    text = '  // a comment\n  const a = "b ; c",\n    d = /x ; y/.test(`e ; ${f} g`);\n  return a === d;\n'
    assert script.served(text) == b'const a="b ; c",d=/x ; y/.test(`e ; ${f} g`);return a===d;\n'
