"""`manage.py create_user`: an account, for scripts and for the first administrator."""

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import get_random_string

from governance.access.models import User
from governance.access.roles import STAFF_ROLES, ensure_roles
from governance.audit.services import record


class Command(BaseCommand):
    help = "Create a user. Without --password one is made up and printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--password", metavar="P", default="")
        parser.add_argument("--group", nargs="+", action="extend", default=[], metavar="G", help="groups to join")
        parser.add_argument("--name", metavar="N", default="", help="the person's name")
        parser.add_argument("--superuser", action="store_true", help="with all rights")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        groups = groups_named(options["group"])
        refuse_bad_or_known(email)
        password = options["password"] or get_random_string(16)
        with transaction.atomic():
            user = User.objects.create_user(
                email,
                password,
                name=options["name"],
                is_superuser=options["superuser"],
                is_staff=options["superuser"] or not STAFF_ROLES.isdisjoint(group.name for group in groups),
            )
            user.groups.set(groups)
            names = [group.name for group in groups]
            after = {"groups": names, "is_superuser": options["superuser"], "is_staff": user.is_staff}
            record(actor=None, action="user.create", target=email, after=after)
        self.warn_of_weak(password, user)
        made_up = "" if options["password"] else password
        if options["json"]:
            said = {"email": email, "groups": names, **({"password": made_up} if made_up else {})}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        else:
            self.stdout.write(f"Created {email}" + (f" with the password {made_up}" if made_up else "."))

    def warn_of_weak(self, password: str, user: User) -> None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            self.stderr.write("The password is weak: " + " ".join(error.messages))


def groups_named(names: list[str]) -> list[Group]:
    ensure_roles()
    groups = {group.name: group for group in Group.objects.order_by("name")}
    if unknown := sorted(set(names) - set(groups)):
        raise CommandError(f"There is no group {', '.join(unknown)}. There are: {', '.join(groups)}.")
    return [groups[name] for name in dict.fromkeys(names)]


def refuse_bad_or_known(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{email!r} is no e-mail address.") from None
    if User.objects.filter(email__iexact=email).exists():
        raise CommandError(f"There is a user {email} already.")
