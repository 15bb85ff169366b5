"""Arrays of texts as PostgreSQL reads them."""

from random import Random

from tests.conftest import Connect

from goodword.store.arrays import array, columns

PARTS = ["", "null", "NULL", ",", "{}", '"', "\\", "\\n", '\\"', " ", "\n", "\x1f", "a", "雪", "😀", "{a,b}"]


async def test_postgresql_reads_back_the_same_texts(connect: Connect) -> None:
    """Whatever stands in the texts, and however many there are: none, one, null, quotes, braces, what JSON escapes."""
    connection = await connect()
    rng = Random(7)  # noqa: S311 - values for a test
    lists: list[list[str | None]] = [[], [None], [""], *([part] for part in PARTS)]
    for _ in range(500):
        texts = ["".join(rng.choices(PARTS, k=rng.randrange(4))) for _ in range(rng.randrange(6))]
        lists.append([None if rng.random() < 0.1 else text for text in texts])
    for texts in lists:
        assert await connection.fetchval("select $1::text::text[]", array(texts)) == texts


def test_rows_become_an_array_a_column() -> None:
    """The order of rows is that of each array."""
    assert columns([("a", "b"), ("c", None)]) == ['{"a","c"}', '{"b",null}']
