"""The paths of the API. A predictor's path comes from its declaration."""

from __future__ import annotations

from django.urls import path

from api_gateway.views import (
    accounts,
    audit,
    company,
    decisions,
    deliveries,
    drift,
    invitations,
    keys,
    lasting,
    logs,
    models,
    outcomes,
    people,
    predictions,
    promotions,
    records,
    schedules,
    scoreboards,
    tokens,
    uploads,
)
from ml_services import registry
from platform_core.records.kinds import KINDS

urlpatterns = [
    # First, as they are looked for most: paths are tried one after another.
    *(
        path(
            f"{predictor.route}/{name}/",
            predictions.PredictView.as_view(predictor=name),
            name=f"predict-{name}",
        )
        for name, predictor in registry.all_predictors().items()
    ),
    path("auth/token/", tokens.TokenView.as_view(), name="token"),
    path("auth/token/refresh/", tokens.RefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify/", tokens.VerifyView.as_view(), name="token-verify"),
    path("auth/logout/", tokens.LogoutView.as_view(), name="logout"),
    path("auth/switch/", tokens.SwitchView.as_view(), name="switch"),
    path("auth/register/", accounts.RegisterView.as_view(), name="register"),
    path("auth/password/forgot/", accounts.ForgotView.as_view(), name="password-forgot"),
    path("auth/password/reset/", accounts.ResetView.as_view(), name="password-reset"),
    path("auth/password/change/", accounts.ChangeView.as_view(), name="password-change"),
    path("auth/me/", accounts.MeView.as_view(), name="me"),
    path("audit/", audit.AuditView.as_view(), name="audit"),
    path("company/", company.CompanyView.as_view(), name="company"),
    path("company/members/", company.MembersView.as_view(), name="members"),
    path("company/members/<int:member>/", company.MemberView.as_view(), name="member"),
    path("company/invitations/", invitations.InvitationsView.as_view(), name="invitations"),
    path("company/invitations/accept/", invitations.AcceptView.as_view(), name="invitation-accept"),
    path("company/invitations/<int:invitation>/", invitations.InvitationView.as_view(), name="invitation"),
    path("company/webhook-secret/", deliveries.SecretView.as_view(), name="webhook-secret"),
    path("deliveries/", deliveries.DeliveriesView.as_view(), name="deliveries"),
    path("deliveries/<uuid:delivery>/replay/", deliveries.ReplayView.as_view(), name="delivery-replay"),
    path("keys/", keys.KeysView.as_view(), name="keys"),
    path("keys/<int:key>/", keys.KeyView.as_view(), name="key"),
    path("logs/", logs.LogsView.as_view(), name="logs"),
    path("usage/", logs.UsageView.as_view(), name="usage"),
    path("outcomes/", outcomes.OutcomesView.as_view(), name="outcomes"),
    path("upload/", uploads.UploadsView.as_view(), name="uploads"),
    path("upload/<uuid:upload>/", uploads.UploadView.as_view(), name="upload"),
    path("upload/<uuid:upload>/results/", uploads.ResultsView.as_view(), name="upload-results"),
    path("upload/<uuid:upload>/rejects/", uploads.RejectsView.as_view(), name="upload-rejects"),
    path("upload/<uuid:upload>/cancel/", uploads.CancelView.as_view(), name="upload-cancel"),
    path("schedules/", schedules.SchedulesView.as_view(), name="schedules"),
    path("schedules/<int:schedule>/", schedules.ScheduleView.as_view(), name="schedule"),
    path("predictions/", predictions.PredictionsView.as_view(), name="predictions"),
    path("predictions/<uuid:prediction>/", predictions.PredictionView.as_view(), name="prediction"),
    path("predictions/<uuid:prediction>/replay/", predictions.ReplayView.as_view(), name="prediction-replay"),
    path("predictions/<uuid:prediction>/change/", lasting.ChangeView.as_view(), name="prediction-change"),
    path("predictions/<uuid:prediction>/cases/", lasting.CasesView.as_view(), name="prediction-cases"),
    path("predictions/<uuid:prediction>/what-if/", lasting.WhatIfView.as_view(), name="prediction-what-if"),
    *(path(f"records/{plural}/", records.RecordsView.as_view(plural=plural), name=plural) for plural in KINDS),
    *(
        path(f"records/{plural}/<int:{kind.name}>/", records.RecordView.as_view(plural=plural), name=kind.name)
        for plural, kind in KINDS.items()
    ),
    path("records/people/", people.PeopleView.as_view(), name="people"),
    path("models/", models.ModelsView.as_view(), name="models"),
    path("models/<slug:predictor>/schema/", models.SchemaView.as_view(), name="model-schema"),
    path("models/<slug:predictor>/versions/", models.VersionsView.as_view(), name="model-versions"),
    path("models/<slug:predictor>/versions/<slug:version>/", models.VersionView.as_view(), name="model-version"),
    path("models/<slug:predictor>/drift/", drift.DriftView.as_view(), name="model-drift"),
    path("models/<slug:predictor>/scoreboard/", scoreboards.ScoreboardView.as_view(), name="model-scoreboard"),
    path("models/<slug:predictor>/train/", models.TrainView.as_view(), name="model-train"),
    path("models/<slug:predictor>/runs/", models.RunsView.as_view(), name="model-runs"),
    path("models/<slug:predictor>/runs/<int:run>/", models.RunView.as_view(), name="model-run"),
    path("models/<slug:predictor>/runs/<int:run>/cancel/", models.CancelRunView.as_view(), name="model-run-cancel"),
    path(
        "models/<slug:predictor>/versions/<slug:version>/promote/",
        promotions.PromoteView.as_view(),
        name="model-promote",
    ),
    path(
        "models/<slug:predictor>/versions/<slug:version>/movers/", decisions.MoversView.as_view(), name="model-movers"
    ),
    path("models/<slug:predictor>/settings/", decisions.PredictorSettingsView.as_view(), name="model-settings"),
    path("models/<slug:predictor>/bands/", decisions.BandsView.as_view(), name="model-bands"),
    path("models/<slug:predictor>/capacity/", decisions.CapacityView.as_view(), name="model-capacity"),
    path("models/<slug:predictor>/shadow/", decisions.ShadowView.as_view(), name="model-shadow"),
    path("models/<slug:predictor>/rollback/", promotions.RollbackView.as_view(), name="model-rollback"),
]
