"""The paths of the pages."""

from __future__ import annotations

from django.urls import path

from dashboard import account_views as account
from dashboard import company_views as company
from dashboard import decision_views as decisions
from dashboard import ledger_views as ledger
from dashboard import membership_views as membership
from dashboard import outcome_views as outcome
from dashboard import promotion_views as promotions
from dashboard import upload_views as files
from dashboard import views
from dashboard.audit import audit
from dashboard.privacy_views import privacy
from dashboard.record_views import records

urlpatterns = [
    path("", views.home, name="home"),
    path("audit/", audit, name="audit-page"),
    path("privacy/", privacy, name="privacy-page"),
    path("predictors/<slug:name>/", views.predictor, name="predictor"),
    path("predictors/<slug:name>/versions/<slug:version>/promote/", promotions.promote, name="version-promote"),
    path("predictors/<slug:name>/outcomes/", outcome.outcomes, name="scoreboard"),
    path("predictors/<slug:name>/settings/", decisions.settings, name="predictor-settings"),
    path("predictors/<slug:name>/plan/", decisions.plan, name="predictor-plan"),
    path("predictors/<slug:name>/versions/<slug:version>/movers/", decisions.moving, name="predictor-movers"),
    path("predictions/", ledger.predictions, name="history"),
    path("predictions/<uuid:prediction>/", ledger.prediction, name="history-entry"),
    path("files/", files.uploads, name="files"),
    path("files/columns/", files.columns, name="files-columns"),
    path("files/<uuid:upload>/", files.upload, name="file"),
    path("files/<uuid:upload>/results/", files.results, name="file-results"),
    path("files/<uuid:upload>/rejects/", files.rejects, name="file-rejects"),
    path("records/", records, name="records-page"),
    path("usage/", ledger.usage_page, name="usage-page"),
    path("company/", company.settings, name="company-settings"),
    path("company/people/", company.people, name="company-people"),
    path("company/people/<int:member>/", company.member, name="company-member"),
    path("company/invitations/<int:invitation>/", company.invitation, name="company-invitation"),
    path("company/keys/", company.key_list, name="company-keys"),
    path("company/keys/<int:key>/", company.key, name="company-key"),
    path("sign-in/", account.SignIn.as_view(), name="sign-in"),
    path("sign-out/", account.SignOut.as_view(), name="sign-out"),
    path("sign-up/", account.sign_up, name="sign-up"),
    path("password/forgot/", account.forgot, name="forgot"),
    path("password/reset/", account.reset, name="reset"),
    path("invitations/accept/", membership.accept, name="accept"),
    path("account/", membership.account, name="account"),
    path("account/switch/", membership.switch, name="switch-company"),
]
