"""Whether the server is ready, as whoever sends it traffic finds out."""

from tests.api.conftest import Api

from goodword.app.directory import Directory
from goodword.app.rotation import rotated
from goodword.store.vault import MasterKey, Vault, new_key


def test_a_server_without_the_key_of_a_workspace_is_not_ready(api: Api) -> None:
    """Another process wrapped the keys under a new master key: 503 names it, and it ends when the keys are wrapped back."""
    engine = api.goodword.engine
    ours, new = MasterKey(b"\x17" * 32), MasterKey(new_key())
    assert api.call(None, "GET", "/readyz").json() == {"status": "ready"}
    api.run(rotated(Directory(engine, Vault(new, ours)), api.ws))
    answer = api.call(None, "GET", "/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert new.id.hex() in answer.json()["detail"]
    assert "GOODWORD_MASTER_KEY" in answer.json()["detail"]
    api.run(rotated(Directory(engine, Vault(ours, new)), api.ws))
    assert api.call(None, "GET", "/readyz").status_code == 200
