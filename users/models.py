"""Companies, the people in them, and the keys of their programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from platform_core.errors import InputInvalid
from platform_core.tenancy import InstallationManager, TenantManager, TenantModel
from users.attempts import Attempt
from users.emails import canonical
from users.events import AuditEvent
from users.outbox import Errand
from users.receipts import ErasureReceipt


class Company(models.Model):
    """A tenant. `packages`: its price list, [{name, monthly_price, setup_fee}]; `currency`: ISO 4217; `time_zone`:
    IANA; `retention_days`: how long the ledger keeps; `webhook_urls`: whom to tell;
    `notify_by_email`: a letter when a file or training has ended. `company_settings` checks them."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    packages = models.JSONField(default=list, blank=True)
    retention_days = models.PositiveSmallIntegerField(default=365)
    webhook_urls = models.JSONField(default=list, blank=True)
    notify_by_email = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "companies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(retention_days__gte=1, retention_days__lte=3650), name="retention_within_ten_years"
            )
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """People are found by e-mail, in whatever spelling."""

    def get_by_natural_key(self, username: str | None) -> User:
        try:
            return self.get(email=canonical(username or ""))
        except InputInvalid:
            raise self.model.DoesNotExist from None

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who may sign in."""
        user = self.model(email=canonical(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """The installation's operator, who may open /admin/."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Their e-mail is their name."""

    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    role: str | None = None
    """Of the membership in the company in force; set where the person is recognised, never stored here."""

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="one_person_per_email")]

    def __str__(self) -> str:
        return self.email


class Role(models.TextChoices):
    """What a member may do, widest first."""

    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Membership(models.Model):
    """A person's place in a company."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "user"], name="one_membership_per_person_and_company"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.company} ({self.role})"


class Invitation(TenantModel):
    """A place in a company, offered by e-mail. It is open until it is accepted, withdrawn or expired; its link works
    while it names this row and its `nonce`."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    nonce = models.CharField(max_length=43)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "company",
                Lower("email"),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_company_and_email",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to company {self.company_id} ({self.role})"


class Scope(models.TextChoices):
    """What a key may do."""

    PREDICT = "predict"
    UPLOAD = "upload"
    RECORDS = "records"
    MODELS = "models"
    CONNECTORS = "connectors"
    ADMIN = "admin"


class ApiKey(TenantModel):
    """A program's key. Only a keyed hash is stored; `prefix` is what a person recognises it by."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_by_key = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    objects: ClassVar[TenantManager] = TenantManager()
    across_companies: ClassVar[InstallationManager] = InstallationManager()

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"


__all__ = [
    "ApiKey", "Attempt", "AuditEvent", "Company", "ErasureReceipt", "Errand", "Invitation", "Membership", "Role",
    "Scope", "User", "UserManager",
]  # fmt: skip
