"""What the Django projects of the peers share: production settings, on the server and with the durability that ours has."""

import os
import sys
from collections.abc import Callable

import django
from django.conf import settings

CODES = [f"code{n}" for n in range(200)]
LANDING = "https://shop.example.com/welcome"


def configure(urls: str, apps: list[str], **more: object) -> None:
    """Set Django up in this process. ``urls``: the module with the routes; the database is named by the environment."""
    settings.configure(
        DEBUG=False,
        SECRET_KEY="only-for-measuring",  # noqa: S106 - nothing is signed that anybody keeps
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=urls,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": os.environ["PGDATABASE"],
                "USER": os.environ["PGUSER"],
                "HOST": os.environ["PGHOST"],
                "PORT": os.environ["PGPORT"],
                "PASSWORD": os.environ["PGPASSWORD"],
                "CONN_MAX_AGE": None,
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        **more,
    )
    django.setup()


def prepare(fill: Callable[[], None]) -> None:
    """Make tables and rows, if this is the command line's wish."""
    if sys.argv[1:] == ["prepare"]:
        from django.core.management import call_command  # noqa: PLC0415 - only after configure

        call_command("migrate", verbosity=0)
        fill()
