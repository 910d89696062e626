"""The pages by which people come in and go: signing in, up and out, a forgotten password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dashboard import account_forms as forms
from dashboard.form_pages import asked, enter, kept_token, page, too_often
from platform_core.addresses import client_site
from platform_core.errors import Throttled
from users import audit, passwords, people, registration
from users.models import User


class SignIn(LoginView):
    """Signing in, with the lock-out told in words."""

    template_name = "dashboard/sign_in.html"
    authentication_form = forms.SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(open=settings.REGISTRATION_OPEN, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except Throttled as problem:
            blank = forms.SignInForm(request, initial={"username": request.POST.get("username", "")})
            return too_often(request, "sign_in", problem, self.get_context_data(form=blank))

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        for place in people.memberships(form.get_user())[:1]:
            people.record_in(place.company_id, place.user, audit.Event.SIGNED_IN)
        return answer


class SignOut(LogoutView):
    """Signing out."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request.user, User):
            people.record_for(request.user, audit.Event.SIGNED_OUT)
        return super().post(request, *args, **kwargs)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Registering a company."""
    if request.user.is_authenticated:
        return redirect("home")
    if not settings.REGISTRATION_OPEN:
        return render(request, "dashboard/sign_up_closed.html", status=403)
    form = forms.SignUpForm(request.POST or None)

    def do() -> HttpResponse | None:
        done, place = asked(form, registration.register, site=client_site(request))
        return enter(request, place) if done else None

    return page(request, "sign_up", form, do)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Asking for a link to a new password."""
    form = forms.ForgotForm(request.POST or None)

    def do() -> HttpResponse | None:
        done, _ = asked(form, passwords.forgot, site=client_site(request))
        return render(request, "dashboard/forgot_sent.html", {"email": form.cleaned_data["email"]}) if done else None

    return page(request, "forgot", form, do)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Choosing a new password by the mailed link."""
    token = kept_token(request, "reset_token")
    if isinstance(token, HttpResponse):
        return token
    form = forms.ResetForm(request.POST or None)

    def do() -> HttpResponse | None:
        done, _ = asked(form, passwords.reset, token=token, site=client_site(request))
        if not done:
            return None
        request.session.flush()
        messages.success(request, "Your new password is set. Sign in with it.")
        return redirect("sign-in")

    return page(request, "reset", form, do)


__all__ = ["SignIn", "SignOut", "forgot", "reset", "sign_up"]
