#!/usr/bin/env python
"""AskAcme's command line: Django's, with the services that a command needs running for as long as it runs."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "askacme.settings")
    from django.core.management import execute_from_command_line

    from askacme.lib.errors import AskAcmeError
    from askacme.serve.commandline import prepared

    try:
        with prepared(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except AskAcmeError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
