"""The forms by which people come in: their controls, and what a service refuses, put beside them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from platform_core.errors import PlatformError, RecordInvalid
from users import lockout
from users.account_fields import LONGEST_NAME
from users.emails import LONGEST as LONGEST_EMAIL
from users.passwords import LONGEST as LONGEST_PASSWORD

ADVICE = "At least 8 characters; several words are good."


def email_field(**more: Any) -> forms.CharField:
    """An e-mail address; whether it is one, the service says."""
    widget = forms.EmailInput(attrs={"autocomplete": "username", **more})
    return forms.CharField(label="E-mail", max_length=LONGEST_EMAIL, widget=widget)


def password_field(label: str = "Password", *, new: bool = False, **more: Any) -> forms.CharField:
    """A password as it is typed, blanks and all. `new`: one that is chosen here."""
    attrs = {"autocomplete": "new-password" if new else "current-password", **more}
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LONGEST_PASSWORD if new else None,
        help_text=ADVICE if new else "",
        widget=forms.PasswordInput(attrs=attrs),
    )


def name_field(**more: Any) -> forms.CharField:
    """What a person is called."""
    widget = forms.TextInput(attrs={"autocomplete": "name", **more})
    return forms.CharField(label="Your name", max_length=LONGEST_NAME, required=False, widget=widget)


class ServiceForm(forms.Form):
    """A form whose fields a service checks."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.is_bound:
            # What is wrong is to be read first.
            for field in self.fields.values():
                field.widget.attrs.pop("autofocus", None)

    def refuse(self, problem: PlatformError) -> None:
        """Puts what the service says beside the control concerned, or above the form."""
        if isinstance(problem, RecordInvalid):
            for found in problem.problems:
                self._add(found.field, found.detail)
        else:
            self._add(problem.attr, problem.detail)

    def _add(self, name: str | None, text: str) -> None:
        self.add_error(name if name in self.fields else None, text)


class SignInForm(AuthenticationForm):
    """E-mail and password. A wrong address and a wrong password are told the same."""

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if self.request is not None and "username" in given and "password" in given:
            try:
                self.user_cache = lockout.recognise(
                    request=self.request, email=given["username"], password=given["password"]
                )
            except lockout.WrongCredentials as problem:
                raise forms.ValidationError(problem.detail, code="invalid_login") from None
        return given


class SignUpForm(ServiceForm):
    """A new person with a company of their own."""

    company_name = forms.CharField(
        label="Company",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )
    full_name = name_field()
    email = email_field()
    password = password_field(new=True)


class ForgotForm(ServiceForm):
    """Whose password is forgotten."""

    email = email_field(autofocus=True)


class ResetForm(ServiceForm):
    """A new password by a mailed link."""

    password = password_field("New password", new=True, autofocus=True)


class NameForm(ServiceForm):
    """What a person is called."""

    full_name = name_field()


class ChangeForm(ServiceForm):
    """A new password for one who knows the old one."""

    old_password = password_field("Present password")
    new_password = password_field("New password", new=True)


class JoinForm(ServiceForm):
    """What an invited person gives: a new one a name and a password, one who has an account its password, one who is
    signed in nothing."""

    full_name = name_field(autofocus=True)
    password = password_field(new=True)

    def __init__(self, *args: Any, known: bool, signed_in: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if known:
            del self.fields["full_name"]
            self.fields["password"] = password_field("The password of your account", autofocus=True)
        if signed_in:
            del self.fields["password"]


__all__ = ["ChangeForm", "ForgotForm", "JoinForm", "NameForm", "ResetForm", "ServiceForm", "SignInForm", "SignUpForm"]
