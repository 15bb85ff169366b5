"""The pages of messages' texts: what there is, how one reads in a frame of its own, published, changed by somebody else, ended."""

import html
import re

from tests.console.conftest import SCRIPT, Console

from goodword.words import languages, letters

ALL = "/console/settings/texts"
PAGE = f"{ALL}/reward_paid/en"
OWN = "Subject: {{ amount | money }} for you\n\n{% if name %}Dear {{ name }},{% else %}Hello,{% endif %}\n\n{{ payout }} is sent.\n"


def test_every_topic_is_listed_with_whose_text_it_has(desk: Console) -> None:
    """Ours until one is published; another language is written at a page of its own."""
    each = [(topic, language) for topic in letters.TOPICS for language in languages()]
    assert [(it["topic"], it["language"]) for it in desk.json(ALL)["rows"]] == each
    assert "yours, version 1" not in desk.html(ALL)
    assert desk.form(PAGE, text=OWN, newest="0").headers["location"] == f"{PAGE}?done=text_published"
    assert "yours, version 1" in desk.html(ALL)
    said = desk.form(ALL, topic="reward_paid", language="de")
    assert said.headers["location"] == f"{ALL}/reward_paid/de"
    assert "Ours is sent" in desk.html(f"{ALL}/reward_paid/de")
    assert desk.form(ALL, topic="reward_paid", language="no language").status_code == 400


def test_a_text_is_shown_as_it_reads_in_a_frame_that_runs_nothing(desk: Console) -> None:
    """The frame has the HTML with a policy of its own, without script and origin. Who may not publish sees it, too."""
    shown = desk.form(f"{PAGE}/preview", text=OWN)
    assert shown.status_code == 200, shown.text
    assert "Dear Ann," in shown.text
    [frame] = re.findall(r'<iframe class="letter" src="([^"]+)" sandbox', shown.text)
    answer = desk.get(html.unescape(frame))
    assert answer.status_code == 200
    assert "Dear Ann," in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy.replace("allow-scripts", "script")
    assert "'unsafe-inline'" not in shown.headers["content-security-policy"]
    assert desk.get(f"{PAGE}/html?text=cut").status_code == 400
    assert desk.get(f"{PAGE}/html").status_code == 200
    assert desk.get(f"{PAGE}/html?bare=1").status_code == 200
    desk.be("analyst")
    page = desk.html(PAGE)
    assert "Show how it reads" in page
    assert "Publish</button>" not in page
    assert desk.form(f"{PAGE}/preview", text=OWN).status_code == 200
    assert desk.form(PAGE, text=OWN, newest="0").status_code == 403


def test_what_is_wrong_is_told_and_nobody_writes_over_what_they_have_not_seen(desk: Console) -> None:
    """What was typed stays, with the line that is wrong; a text that is markup is none. Then versions show what they changed."""
    typed = f"Subject: {SCRIPT}\n\nHello {{{{ name }}}},\n\n{SCRIPT}"
    for path in (PAGE, f"{PAGE}/preview", f"{PAGE}/mail"):
        said = desk.form(path, text=typed, newest="0")
        if path.endswith("mail"):  # which has all values
            assert said.status_code == 409
            continue
        assert "Line 3: name may be missing" in said.text
        assert SCRIPT not in said.text
        assert html.escape(SCRIPT) in said.text
    assert desk.json(PAGE)["it"]["versions"] == []
    assert "<script" not in desk.get(f"{PAGE}/html").text
    desk.form(PAGE, text=OWN, newest="0")
    other = OWN.replace("Dear", "Hi")
    late = desk.form(PAGE, text=other, newest="0")
    assert late.status_code == 409
    assert "Hi {{ name }}" in html.unescape(late.text)
    assert desk.form(PAGE, text=other, newest="1").status_code == 303

    changes = desk.json(f"{PAGE}?version=2")["changes"]
    assert [sign for sign, _ in changes if sign] == ["-", "+"]
    page = desk.html(f"{PAGE}?version=2")
    assert "<del>{% if name %}Dear" in html.unescape(page)
    assert "<ins>{% if name %}Hi" in html.unescape(page)
    assert desk.json(f"{PAGE}?version=1")["changes"]
    assert "It is not sent" in desk.html(f"{PAGE}?version=1")
    assert desk.form(f"{PAGE}/end").headers["location"] == f"{PAGE}?done=text_ended"
    it = desk.json(PAGE)["it"]
    assert (it["own"], len(it["versions"])) == (False, 3)


def test_a_page_of_help_is_written_where_messages_are(desk: Console) -> None:
    """Under a name that fits an address; it is no mail, has no values, and what it may not say is told with its line."""
    said = desk.form(ALL, page="first-steps", language="en")
    at = f"{ALL}/help.first-steps/en"
    assert said.headers["location"] == at
    assert desk.form(ALL, page="First Steps", language="en").status_code == 400
    page = desk.html(at)
    assert "It is not shown." in page
    assert "Values that this message may use" not in page
    assert "/mail" not in page
    wrong = desk.form(f"{at}/preview", text=f"# Steps\n\n{SCRIPT}")
    assert "Line 3: HTML is shown as text" in wrong.text
    assert SCRIPT not in wrong.text
    [frame] = re.findall(r'<iframe class="letter" src="([^"]+)" sandbox', wrong.text)
    assert SCRIPT not in desk.get(html.unescape(frame)).text
    assert desk.form(at, text=f"# Steps\n\n{SCRIPT}", newest="0").status_code == 200
    assert "not shown" not in desk.html(ALL)
    assert desk.form(at, text="# Steps\n\nShare your link.", newest="0").status_code == 303
    assert "Your version 1 is shown." in desk.html(at)
    assert "yours, version 1" in desk.html(ALL)
    assert desk.form(f"{at}/end").status_code == 303
    assert "not shown" in desk.html(ALL)
    assert "Show it no longer" not in desk.html(at)
