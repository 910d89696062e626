"""SMTP as Django does it, and to addresses beyond ASCII where the mail server takes them (SMTPUTF8, RFC 6531)."""

from __future__ import annotations

from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend


class SmtpBackend(EmailBackend):
    """Django writes a local part beyond ASCII as a header's encoded word, which is no mailbox anywhere."""

    def _send(self, email_message: EmailMessage) -> bool:
        recipients = email_message.recipients()
        if self.connection is None or all(one.isascii() for one in recipients):
            return bool(super()._send(email_message))  # type: ignore[misc]
        content = email_message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg] # Django's own message
        sender = parseaddr(email_message.from_email)[1]
        self.connection.sendmail(sender, recipients, content, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        return True


__all__ = ["SmtpBackend"]
