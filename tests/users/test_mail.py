"""Letters through a real SMTP server of this machine: received as written, and their link used."""

from __future__ import annotations

import asyncio
import email
import re
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from queue import Queue
from smtplib import SMTPRecipientsRefused
from threading import Event
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from django.test import Client
from django.utils import timezone

from platform_core.mail_settings import of
from users import mail, outbox
from users.models import User
from users.outbox import Errand
from users.services import create_company

PASSWORD = "a/Secret:of@mail"
NEW = "tr0ub4dor-and-Staple"


class Postbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.signed_in = 0
        self.letters: Queue[tuple[list[str], EmailMessage]] = Queue()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd asks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        code = {"nobody": "550 no such mailbox", "later": "451 come again"}.get(address.split("@")[0])
        envelope.rcpt_tos += [] if code else [address]
        return code or "250 fine"

    async def handle_DATA(  # noqa: N802 - aiosmtpd asks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = email.message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.letters.put((envelope.rcpt_tos, message))
        return "250 kept"

    def next(self) -> tuple[list[str], EmailMessage]:
        return self.letters.get(timeout=10)


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(port: int) -> Iterator[Controller]:
    """A mail server that knows one name and password; not started yet."""
    kept = Postbox()

    def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"me", PASSWORD.encode())
        kept.signed_in += right
        return AuthResult(success=right, handled=False)

    more: dict[str, Any] = {"authenticator": known, "auth_require_tls": False, "enable_SMTPUTF8": True}
    controller = Controller(kept, hostname="127.0.0.1", port=port, **more)
    yield controller
    if controller.server is not None:
        asyncio.run_coroutine_threadsafe(ended(), controller.loop).result(10)
        controller.stop()


async def ended() -> None:
    """Waits until each client's session is over and its socket closed."""
    sessions = asyncio.all_tasks() - {asyncio.current_task()}
    if sessions:
        await asyncio.wait(sessions, timeout=5)
    await asyncio.sleep(0.05)


@pytest.fixture
def postbox(server: Controller, port: int, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """What arrives at the server that EMAIL_URL names."""
    for name, value in of(f"smtp://me:a%2FSecret%3Aof%40mail@127.0.0.1:{port}", "Ann <ann@a.example>").items():
        setattr(settings, name, value)
    settings.PUBLIC_URL = "https://p.example.com"
    monkeypatch.setattr(outbox, "REST_S", 0.0)
    yield server.handler
    outbox.stop()


def post(**more: Any) -> None:
    mail.post(template="welcome", **{"to": "bob@b.example", "company": "Bob's", "link": mail.link("/"), **more})


@pytest.mark.django_db(transaction=True)
def test_the_link_of_a_letter_that_arrived_gives_a_new_password(server: Controller, postbox: Postbox) -> None:
    server.start()
    create_company(name="Alice's", slug="alice", owner_email="alice@example.com", password="a-Long-pass-1")
    asked = Client().post("/api/auth/password/forgot/", {"email": "ALICE@example.com"}, content_type="application/json")
    assert asked.status_code == 202
    recipients, letter = postbox.next()
    assert (recipients, postbox.signed_in) == (["alice@example.com"], 1)
    assert (letter["From"], letter["Auto-Submitted"]) == ("Ann <ann@a.example>", "auto-generated")
    texts = {part.get_content_type(): part.get_content() for part in letter.walk() if not part.is_multipart()}
    links = [re.search(r"https://p\.example\.com/password/reset/\?token=([\w-]+)", text) for text in texts.values()]
    assert texts.keys() == {"text/plain", "text/html"}
    assert links[0] is not None
    assert links[1] is not None
    assert links[0][1] == links[1][1]
    body = {"token": links[0][1], "password": NEW}
    assert Client().post("/api/auth/password/reset/", body, content_type="application/json").status_code == 200
    assert User.objects.get().check_password(NEW)
    assert "changed" in postbox.next()[1]["Subject"]
    outbox.stop()
    assert Errand.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_letter_waits_for_a_mail_server_that_is_away(
    server: Controller, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, run = Event(), outbox.run_due

    def told() -> int:
        found = run()
        tried.set()
        return found

    monkeypatch.setattr(outbox, "run_due", told)
    post()
    assert tried.wait(10)
    outbox.stop()
    assert Errand.objects.get().attempts == 1
    server.start()
    Errand.objects.update(due_at=timezone.now())
    run()
    assert postbox.next()[0] == ["bob@b.example"]
    assert Errand.objects.count() == 0


def test_a_mailbox_that_is_refused_for_good_is_given_up_and_one_for_now_is_not(
    server: Controller, postbox: Postbox
) -> None:
    server.start()
    context = {"company": "Bob's", "link": "/"}
    mail.send({"template": "welcome", "to": "nobody@b.example", "context": context})
    with pytest.raises(SMTPRecipientsRefused):
        mail.send({"template": "welcome", "to": "later@b.example", "context": context})
    assert postbox.letters.empty()


def test_no_name_writes_a_header(db: None, mailoutbox: list[Any]) -> None:
    post(company="Bob's\r\nBcc: eve@e.example")
    assert mailoutbox[0].subject == "Welcome: Bob's Bcc: eve@e.example is ready"
    assert mailoutbox[0].recipients() == ["bob@b.example"]


def test_a_name_is_text_on_the_letters_page(db: None, mailoutbox: list[Any]) -> None:
    post(company="<b>Bob & Co</b>")
    page = mailoutbox[0].alternatives[0][0]
    assert "<b>Bob" not in page
    assert "&lt;b&gt;Bob &amp; Co" in page
    assert "<b>Bob & Co</b>" in mailoutbox[0].body


def test_an_address_beyond_ascii_is_written_to_as_it_is(server: Controller, postbox: Postbox) -> None:
    server.start()
    mail.send({"template": "welcome", "to": "josé@b.example", "context": {"company": "José's", "link": "/"}})
    recipients, letter = postbox.next()
    assert recipients == ["josé@b.example"]
    assert letter["Subject"] == "Welcome: José's is ready"


def test_a_link_holds_its_query_whatever_is_in_it(settings: Any) -> None:
    settings.PUBLIC_URL = "https://p.example.com"
    assert mail.link("/x/", token="a&b=c d") == "https://p.example.com/x/?token=a%26b%3Dc+d"
