"""The paths of the pages."""

from __future__ import annotations

from django.urls import path

from dashboard import account_views as account
from dashboard import ledger_views as ledger
from dashboard import membership_views as membership
from dashboard import views
from dashboard.audit import audit

urlpatterns = [
    path("", views.home, name="home"),
    path("audit/", audit, name="audit-page"),
    path("predictors/<slug:name>/", views.predictor, name="predictor"),
    path("predictions/", ledger.predictions, name="predictions"),
    path("predictions/<uuid:mark>/", ledger.prediction, name="prediction"),
    path("usage/", ledger.usage_page, name="usage"),
    path("sign-in/", account.SignIn.as_view(), name="sign-in"),
    path("sign-out/", account.SignOut.as_view(), name="sign-out"),
    path("sign-up/", account.sign_up, name="sign-up"),
    path("password/forgot/", account.forgot, name="forgot"),
    path("password/reset/", account.reset, name="reset"),
    path("invitations/accept/", membership.accept, name="accept"),
    path("account/", membership.account, name="account"),
    path("account/switch/", membership.switch, name="switch-company"),
]
