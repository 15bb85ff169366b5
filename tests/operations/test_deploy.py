"""What is in deploy/ and docs/howto is right: units, image, proxies, and every name that the pages name."""

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from tests.acceptance.pages import only
from tests.conftest import ROOT

from goodword.cli import main
from goodword.settings import VARIABLES

DEPLOY, HOWTO = ROOT / "deploy", ROOT / "docs" / "howto"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
PAGES = sorted(HOWTO.glob("*.md"))
#: What commands read of a person's own, beside the settings of the installation.
_OPTIONS = {
    str(option.envvar)
    for command in (main.commands["reconcile"], *main.commands["payouts"].commands.values())  # type: ignore[attr-defined]
    for option in command.params
    if isinstance(option, click.Option) and option.envvar
}


def test_units_are_units(tmp_path: Path) -> None:
    """Systemd itself finds nothing in them, and what they run are commands that there are."""
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not there")
    assert len(UNITS) == 3
    for unit in UNITS:
        text = unit.read_text()
        for command in re.findall(r"^ExecStart=/opt/goodword/bin/goodword (\w+)", text, re.MULTILINE):
            assert command in main.commands
        assert ".service" not in unit.name or "\nUser=goodword\n" in text
        (tmp_path / unit.name).write_text(text.replace("/opt/goodword/bin/goodword", "/bin/true"))
    done = subprocess.run(
        [verify, "verify", *(str(tmp_path / unit.name) for unit in UNITS)], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in done.stderr.splitlines() if "goodword" in line]
    assert (done.returncode, about_ours) == (0, [])


def test_the_image_is_made_of_what_is_there() -> None:
    """The base is pinned by version, each source of a COPY exists, and it ends as a user without rights who runs a command."""
    lines = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text()).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    bases = [rest.split()[0] for name, rest in steps if name == "FROM"]
    assert len(bases) == 2
    assert all(re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-\w+", base) for base in bases)
    assert len({*bases}) == 1
    copied = [rest.split()[:-1] for name, rest in steps if name == "COPY" and not rest.startswith("--from")]
    assert copied
    for source in (source for sources in copied for source in sources):
        assert (ROOT / source).exists(), source
    [user] = [rest for name, rest in steps if name == "USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert f"--uid {user.split(':')[0]} " in "\n".join(lines)
    last = dict(steps)
    assert (last["ENTRYPOINT"], last["CMD"]) == ('["goodword"]', '["serve"]')
    assert "serve" in main.commands
    assert any(name == "VOLUME" and f"GOODWORD_HOME={rest}" in "\n".join(lines) for name, rest in steps)


def test_the_image_has_the_versions_that_are_tested_and_no_tools() -> None:
    """Its lock file is a part of the project's, with what the package needs and without what only tests need."""

    def versions(file: Path) -> dict[str, str]:
        """Return the version of each package in a lock file."""
        return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", file.read_text(), re.MULTILINE))

    image, project = versions(DEPLOY / "requirements.lock"), versions(ROOT / "requirements.lock")
    assert {name: project.get(name) for name in image} == image
    needed = re.findall(
        r'^    "([A-Za-z0-9-]+)[~=]', (ROOT / "pyproject.toml").read_text().split("[project.opt")[0], re.MULTILINE
    )
    assert len(needed) > 10
    assert {name.lower() for name in needed} <= image.keys()
    assert not {"pytest", "mypy", "ruff", "hypothesis"} & image.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Settings, commands, files and linked pages."""
    text = page.read_text()
    known = {variable.name for variable in VARIABLES} | _OPTIONS
    assert {*re.findall(r"\b(?:GOODWORD|DATABASE)_[A-Z_]+", text)} <= known
    for command in {*re.findall(r"goodword ([a-z]+(?: [a-z]+(?:-[a-z]+)*)?)(?![a-z.-])", text)}:
        first, *more = command.split()
        if first in main.commands:
            group = getattr(main.commands[first], "commands", None)
            assert group is None or more[0] in group, command
    for target in re.findall(r"\]\(([^)#{]+)\)", text):  # what stands in braces is a template's
        assert (page.parent / target).exists(), target
    for file in re.findall(r"\bdeploy/[\w.-]+", text):
        assert (ROOT / file).exists(), file


def test_the_page_names_every_code_and_no_other_metric() -> None:
    """What /readyz may say has a line, and what there is an alarm for is a metric."""
    page = (HOWTO / "operate.md").read_text()
    source = (ROOT / "src" / "goodword" / "app" / "health.py").read_text()
    codes = {*re.findall(r'Trouble\("(\w+)"', source)} | {*re.findall(r'Trouble\(\s*"(\w+)"', source)}
    assert len(codes) >= 8
    assert {code for code in codes if f"`{code}`" not in page} == set()
    written = (ROOT / "src" / "goodword" / "edge" / "metrics.py").read_text()
    named = {name for name in re.findall(r"goodword_[a-z_]+", page) if not name.endswith("_")}
    assert len(named) > 10
    assert {name for name in named if f'"{name}"' not in written} == set()


def test_nginx_takes_the_example(tmp_path: Path) -> None:
    """As the page has it, with a certificate."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not there")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=rewards.example"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    site = only(HOWTO / "proxy.md", "nginx")
    site = re.sub(r"/etc/letsencrypt\S+privkey.pem", str(key), site)
    site = re.sub(r"/etc/letsencrypt\S+fullchain.pem", str(certificate), site)
    temp = "".join(
        f"{name}_temp_path {tmp_path}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}}\nhttp {{ {temp}\n{site}\n}}\n")
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(config)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_caddy_takes_the_example(tmp_path: Path) -> None:
    """As the page has it."""
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not there")
    file = tmp_path / "Caddyfile"
    file.write_text(only(HOWTO / "proxy.md", "caddy"))
    done = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
