"""The names of what the audit records: noun, dot, what happened to it."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """The acts that are recorded."""

    SIGNED_IN = "person.signed_in"
    SIGN_IN_FAILED = "person.sign_in_failed"
    LOCKED_OUT = "person.locked_out"
    SIGNED_OUT = "person.signed_out"
    TOKEN_REUSED = "person.token_reused"  # noqa: S105 - the name of an act
    REGISTERED = "person.registered"
    CHANGED_PERSON = "person.changed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - the name of an act
    PASSWORD_RESET_ASKED = "password.reset_asked"  # noqa: S105 - the name of an act
    PASSWORD_RESET = "password.reset"  # noqa: S105 - the name of an act
    COMPANY_CREATED = "company.created"
    COMPANY_CHANGED = "company.changed"
    MEMBER_JOINED = "member.joined"
    ROLE_CHANGED = "member.role_changed"
    MEMBER_REMOVED = "member.removed"
    INVITED = "invitation.sent"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    TRAINING_STARTED = "training.started"
    TRAINING_FAILED = "training.failed"
    TRAINING_CANCELLED = "training.cancelled"
    MODEL_TRAINED = "model.trained"
    MODEL_PROMOTED = "model.promoted"
    MODEL_ROLLED_BACK = "model.rolled_back"
    RECORDS_BROUGHT = "records.brought"
    SETTINGS_CHANGED = "model.settings_changed"
    EXPORTED = "data.exported"
    DELETED = "data.deleted"
    PERSON_EXPORTED = "data.person_exported"
    PERSON_ERASED = "data.person_erased"
    CONNECTED = "connection.made"
    DISCONNECTED = "connection.removed"


PROVEN = frozenset(
    {
        Event.SIGNED_IN,
        Event.SIGNED_OUT,
        Event.REGISTERED,
        Event.CHANGED_PERSON,
        Event.PASSWORD_CHANGED,
        Event.PASSWORD_RESET,
        Event.INVITATION_ACCEPTED,
        Event.MEMBER_JOINED,
    }
)
"""Acts that nobody but the person themselves can do: they have shown who they are by doing them."""

__all__ = ["PROVEN", "Event"]
