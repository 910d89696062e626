"""JSON Schemas of companies, members, invitations and keys."""

from __future__ import annotations

from api_gateway.schemas import TIME, TIME_OR_NULL, Schema, or_null, record, ref, text
from users.company_settings import (
    LEAST_DAYS,
    LONGEST_NAME,
    LONGEST_PACKAGE,
    LONGEST_SLUG,
    MOST_DAYS,
    MOST_PACKAGES,
    MOST_WEBHOOKS,
    PRICE,
    SLUG,
    time_zones,
)
from users.currencies import CODES
from users.key_making import LONGEST_NAME as LONGEST_KEY_NAME
from users.models import Role, Scope
from users.webhook_addresses import LONGEST as LONGEST_ADDRESS

LINE = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f])?$"
"""One line that neither begins nor ends with a space."""
HTTPS = r"^https://([a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.){1,3}[a-z]{2,3}(/[!-~]{0,100})?$"
ROLE: Schema = {"enum": list(Role.values)}
SCOPES: Schema = {"type": "array", "items": {"enum": list(Scope.values)}, "minItems": 1, "maxItems": len(Scope.values)}

PACKAGE = record(
    {
        "name": text(pattern=LINE, maxLength=LONGEST_PACKAGE),
        "monthly_price": text("A decimal number.", pattern=PRICE, examples=["350.00"]),
        "setup_fee": or_null("string", pattern=PRICE, examples=["399.00"]),
    },
    optional=("setup_fee",),
    additionalProperties=False,
)
SETTINGS: dict[str, Schema] = {
    "name": text(pattern=LINE, maxLength=LONGEST_NAME),
    "slug": text("How commands name the company.", pattern=SLUG, maxLength=LONGEST_SLUG),
    "time_zone": {"enum": list(time_zones()), "description": "IANA."},
    "currency": {"enum": list(CODES), "description": "ISO 4217."},
    "packages": {
        "type": "array",
        "items": PACKAGE,
        "maxItems": MOST_PACKAGES,
        "description": "The price list that plan-tier takes at its next training; each name once.",
    },
    "retention_days": {
        "type": "integer",
        "minimum": LEAST_DAYS,
        "maximum": MOST_DAYS,
        "description": "How long predictions and requests are kept.",
    },
    "webhook_urls": {
        "type": "array",
        "items": text(pattern=HTTPS, maxLength=LONGEST_ADDRESS),
        "maxItems": MOST_WEBHOOKS,
        "description": "https addresses of public hosts.",
    },
    "notify_by_email": {
        "type": "boolean",
        "description": "A letter to whoever sent a file or started a training, when it has ended.",
    },
}
COMPONENTS: dict[str, Schema] = {
    "Company": record({"id": {"type": "integer"}, **SETTINGS, "created_at": TIME}),
    "CompanyChange": record(SETTINGS, optional=tuple(SETTINGS), additionalProperties=False, minProperties=1),
    "CompanyName": record({"id": {"type": "integer"}, "name": text(), "slug": text()}),
    "Maker": {
        "type": ["object", "null"],
        "description": "A person or a key; null where it is gone.",
        "properties": {"kind": {"enum": ["person", "key"]}, "id": {"type": "integer"}, "label": text()},
        "required": ["kind", "id", "label"],
    },
    "Member": record(
        {
            "id": {"type": "integer", "description": "Of the membership."},
            "user_id": {"type": "integer"},
            "email": text(),
            "full_name": text(),
            "role": ROLE,
            "joined_at": TIME,
        }
    ),
    "MemberChange": record({"role": ROLE}, additionalProperties=False),
    "Invitation": record(
        {
            "id": {"type": "integer"},
            "email": text(),
            "role": ROLE,
            "invited_by": ref("Maker"),
            "created_at": TIME,
            "expires_at": TIME,
        }
    ),
    "NewInvitation": record(
        {"email": text(pattern=r"^[a-z0-9]{1,30}@[a-z]{1,20}\.(com|org)$"), "role": ROLE}, additionalProperties=False
    ),
    "Key": record(
        {
            "id": {"type": "integer"},
            "name": text(),
            "prefix": text("What it begins with."),
            "scopes": {"type": "array", "items": {"enum": list(Scope.values)}},
            "created_at": TIME,
            "expires_at": TIME_OR_NULL,
            "revoked_at": TIME_OR_NULL,
            "last_used_at": {**TIME_OR_NULL, "description": "Exact to about a minute."},
            "created_by": ref("Maker"),
        }
    ),
    "KeyWithSecret": {"allOf": [ref("Key"), record({"key": text("The key itself: shown this once.")})]},
    "NewKey": record(
        {
            "name": text("What it is for.", pattern=LINE, maxLength=LONGEST_KEY_NAME),
            "scopes": SCOPES,
            "expires_at": {**TIME_OR_NULL, "description": "A time to come, with its zone; null: never."},
        },
        optional=("expires_at",),
        additionalProperties=False,
    ),
}

__all__ = ["COMPONENTS"]
