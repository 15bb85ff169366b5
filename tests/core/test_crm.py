"""How sure it is that a record of a CRM is somebody."""

from goodword.core.crm import SURE, Match, Record, match, surest

BOB = Record(frozenset({"bob", "hubspot:151"}), frozenset({"bob@firm.example"}), domain="firm.example", company="firm")


def by(record: Record) -> tuple[str, str, bool] | None:
    found = match(record, "per_bob", BOB)
    return None if found is None else (found.by, found.confidence, found.binds)


def test_a_record_is_somebody_by_the_surest_that_is_equal() -> None:
    """What the company calls them and their mailbox are exact; pipeline and domain probable; a name is possible, and binds nothing."""
    near, domain = frozenset({"hubspot:151"}), "firm.example"
    assert by(Record(names=frozenset({"bob"}), near=near, domain=domain)) == ("external_id", "exact", True)
    assert by(Record(mails=frozenset({"bob@firm.example"}), domain=domain)) == ("mail", "exact", True)
    assert by(Record(near=near, domain=domain, company="firm")) == ("association", "probable", True)
    assert by(Record(domain=domain, company="firm")) == ("domain", "probable", True)
    assert by(Record(company="firm")) == ("name", "possible", False)
    assert by(Record(frozenset({"eve"}), frozenset({"eve@firm.example"}), domain="other.example")) is None
    assert by(Record()) is None


def test_of_several_the_surest_are_kept_all_of_them() -> None:
    """So that two who are as likely are seen as two, and nobody of less."""
    found = [Match("per_2", "domain", SURE["domain"]), Match("per_1", "association", SURE["association"])]
    found += [Match("per_3", "name", SURE["name"])]
    assert [it.person for it in surest(found)] == ["per_1", "per_2"]
    assert [it.person for it in surest([*found, Match("per_4", "mail", SURE["mail"])])] == ["per_4"]
    assert surest([]) == ()
