"""`manage.py create_api_key`: a bearer key for a script."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from askacme.lib.errors import AskAcmeError
from governance.access.models import ApiKey
from governance.access.people import person
from governance.audit.services import record


class Command(BaseCommand):
    help = "Create an API key that acts as the given user. It is printed once and cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", metavar="N", default="", help="what the key is for")
        parser.add_argument("--json", action="store_true", help='print {"key": …}')

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            user = person(options["email"])
        except AskAcmeError as error:
            raise CommandError(str(error)) from error
        with transaction.atomic():
            key = ApiKey.issue(user, name=options["name"][:100])
            issued = ApiKey.objects.get(digest=ApiKey.digest_of(key))
            record(actor=None, action="api_key.create", target=str(issued))
        if options["json"]:
            self.stdout.write(json.dumps({"key": key}))
        else:
            self.stdout.write(f"Key for {user.email}, shown only now: {key}")
