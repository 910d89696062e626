"""Who may do what: the one table. Views name an act a method; permissions and pages look it up here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from users.models import Role, Scope


class Act(StrEnum):
    """Everything that may be done within a company."""

    PREDICT = "predict"
    SEE_PREDICTIONS = "see_predictions"
    RECORD_OUTCOMES = "record_outcomes"
    SEE_SCHEMAS = "see_schemas"
    SEE_MODELS = "see_models"
    TRAIN = "train"
    PROMOTE = "promote"
    SEE_COMPANY = "see_company"
    CHANGE_COMPANY = "change_company"
    SEE_MEMBERS = "see_members"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_OWNERS = "manage_owners"
    LEAVE = "leave"
    SEE_INVITATIONS = "see_invitations"
    INVITE = "invite"
    MANAGE_KEYS = "manage_keys"
    SEE_AUDIT = "see_audit"
    SEE_LOGS = "see_logs"
    SEE_RECORDS = "see_records"
    BRING_RECORDS = "bring_records"
    SEE_PERSON = "see_person"
    ERASE_PERSON = "erase_person"
    UPLOAD = "upload"
    SEE_UPLOADS = "see_uploads"
    SEE_SCHEDULES = "see_schedules"
    MANAGE_SCHEDULES = "manage_schedules"
    SEE_DELIVERIES = "see_deliveries"
    OWN_ACCOUNT = "own_account"


@dataclass(frozen=True, slots=True)
class Rule:
    """What the act is, in a person's words; the roles that may, and the key scopes that may (`admin` always may where
    any may; none: people only). docs/ROLES.md shows the same table, and a test holds the two together."""

    about: str
    roles: frozenset[str]
    scopes: frozenset[str]


EVERYBODY = frozenset(Role.values)
WORKERS = frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST})
ADMINS = frozenset({Role.OWNER, Role.ADMIN})
OWNERS = frozenset({Role.OWNER})


def _rule(about: str, roles: frozenset[str], *scopes: Scope) -> Rule:
    return Rule(about, roles, frozenset({*scopes, Scope.ADMIN}) if scopes else frozenset())


ALLOWED: dict[Act, Rule] = {
    Act.PREDICT: _rule("Ask for predictions and what-ifs", WORKERS, Scope.PREDICT),
    Act.SEE_PREDICTIONS: _rule("See what was predicted; replay and compare it", EVERYBODY, Scope.PREDICT),
    Act.RECORD_OUTCOMES: _rule("Say what really happened", WORKERS, Scope.PREDICT, Scope.RECORDS),
    Act.SEE_SCHEMAS: _rule("See what a predictor asks for", EVERYBODY, Scope.PREDICT, Scope.MODELS),
    Act.SEE_MODELS: _rule("See models, versions, cards and trainings", EVERYBODY, Scope.MODELS),
    Act.TRAIN: _rule("Train a model", WORKERS, Scope.MODELS),
    Act.PROMOTE: _rule("Let a version serve; roll back; a predictor's settings", ADMINS, Scope.MODELS),
    Act.SEE_COMPANY: _rule("See the company's settings", EVERYBODY, Scope.ADMIN),
    Act.CHANGE_COMPANY: _rule("Change the company's settings", ADMINS, Scope.ADMIN),
    Act.SEE_MEMBERS: _rule("See the members", EVERYBODY, Scope.ADMIN),
    Act.MANAGE_MEMBERS: _rule("Change the role of members; remove them", ADMINS, Scope.ADMIN),
    Act.MANAGE_OWNERS: _rule("Make and unmake owners", OWNERS),
    Act.LEAVE: _rule("Leave the company", EVERYBODY),
    Act.SEE_INVITATIONS: _rule("See the open invitations", ADMINS, Scope.ADMIN),
    Act.INVITE: _rule("Invite people; withdraw invitations", ADMINS, Scope.ADMIN),
    Act.MANAGE_KEYS: _rule("See, make and revoke API keys", ADMINS, Scope.ADMIN),
    Act.SEE_AUDIT: _rule("See who did what", ADMINS, Scope.ADMIN),
    Act.SEE_LOGS: _rule("See requests and usage", WORKERS, Scope.ADMIN),
    Act.SEE_RECORDS: _rule("See the business records", WORKERS, Scope.RECORDS),
    Act.BRING_RECORDS: _rule("Bring business records", WORKERS, Scope.RECORDS),
    Act.SEE_PERSON: _rule("Export what is held of a person", ADMINS, Scope.RECORDS),
    Act.ERASE_PERSON: _rule("Erase a person", ADMINS, Scope.RECORDS),
    Act.UPLOAD: _rule("Send files; cancel and delete uploads", WORKERS, Scope.UPLOAD),
    Act.SEE_UPLOADS: _rule("See uploads and their results", EVERYBODY, Scope.UPLOAD),
    Act.SEE_SCHEDULES: _rule("See schedules", EVERYBODY, Scope.UPLOAD),
    Act.MANAGE_SCHEDULES: _rule("Make, change and remove schedules", WORKERS, Scope.UPLOAD),
    Act.SEE_DELIVERIES: _rule("See and repeat messages to webhooks; their secret", ADMINS, Scope.ADMIN),
    Act.OWN_ACCOUNT: _rule("See and change one's own account", EVERYBODY),
}


def role_may(role: str | None, act: Act) -> bool:
    """Whether a member with this role may."""
    return role in ALLOWED[act].roles


def scopes_may(scopes: frozenset[str], act: Act) -> bool:
    """Whether a key with these scopes may."""
    return bool(scopes & ALLOWED[act].scopes)


def grantable(role: str | None) -> frozenset[str]:
    """The scopes that a member may give to a key: those of which their role may do every act itself. One that opens
    nothing yet is for who manages keys."""
    opened = {scope: [rule for rule in ALLOWED.values() if scope in rule.scopes] for scope in Scope.values}
    managing = [ALLOWED[Act.MANAGE_KEYS]]
    return frozenset(scope for scope, rules in opened.items() if all(role in one.roles for one in rules or managing))


__all__ = ["ALLOWED", "Act", "Rule", "grantable", "role_may", "scopes_may"]
