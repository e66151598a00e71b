"""Which processes `serve` runs."""

from askacme.demo.hr_place import HrPlace
from askacme.serve.options import ServeOptions
from askacme.serve.programs import programs_for

HR = HrPlace(8001, "never on a command line")


def names(*, worker: bool, hr: HrPlace | None) -> list[str]:
    options = ServeOptions(host="127.0.0.1", port=8000, demo=hr is not None, worker=worker)
    return [program.name for program in programs_for(options, "INFO", hr)]


def test_without_the_demo_there_is_no_hr_service() -> None:
    assert names(worker=True, hr=None) == ["beat", "web", "worker"]
    assert names(worker=False, hr=None) == ["web"]


def test_the_demo_s_hr_service_outlives_those_who_ask_it() -> None:
    assert names(worker=True, hr=HR) == ["beat", "web", "worker", "hr"]
    assert names(worker=False, hr=HR) == ["web", "hr"]


def test_its_key_stands_on_no_command_line() -> None:
    options = ServeOptions(host="127.0.0.1", port=8000, demo=True, worker=True)
    words = [word for program in programs_for(options, "INFO", HR) for word in program.command]
    assert "8001" in words
    assert not any(HR.key in word for word in words)
