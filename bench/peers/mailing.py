"""Django's ``send_mail`` over one open connection, with a row that says that it was sent: ``python mailing.py PORT SECONDS``."""

import sys
import time

from project import configure

configure("affiliate_urls", [], EMAIL_HOST="127.0.0.1", EMAIL_PORT=int(sys.argv[1]))

from django.core.mail import get_connection, send_mail  # noqa: E402 - behind the settings
from django.db import connection  # noqa: E402 - likewise

TEXT, HTML = "x" * 400, f"<p>{'x' * 800}</p>"

with connection.cursor() as cursor:
    cursor.execute("create table if not exists mail_sent (id bigserial primary key, person text, sent_at timestamptz)")
    mail, sent, begun = get_connection(), 0, time.perf_counter()
    mail.open()
    while (passed := time.perf_counter() - begun) < float(sys.argv[2]):
        send_mail("It is here", TEXT, "refer@shop.example", ["ann@mail.example"], html_message=HTML, connection=mail)
        cursor.execute("insert into mail_sent (person, sent_at) values (%s, now())", ["ann"])
        sent += 1
print(sent, passed)
