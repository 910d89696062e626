"""The paths of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from dashboard import views
from dashboard.forms import SignInForm

sign_in = LoginView.as_view(
    template_name="dashboard/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)

urlpatterns = [
    path("", views.home, name="home"),
    path("predictors/<slug:name>/", views.predictor, name="predictor"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
