"""Companies, people, roles, keys."""

from django.apps import AppConfig

from platform_core import logs


class UsersConfig(AppConfig):
    """The app of companies and people."""

    name = "users"

    def ready(self) -> None:
        # What a line of the log says of who asks; models may not be imported before.
        from users import account_data, personal_data
        from users.asking import company_now, mark_now

        personal_data.register(account_data.PLACE)
        logs.CONTEXT["company"] = company_now
        logs.CONTEXT["asker"] = mark_now
