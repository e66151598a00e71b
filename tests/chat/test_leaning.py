"""Whether a question leans on those before it."""

import pytest

from chat.followups.leaning import Leaning, leaning_of

LEANS = """
And for part-timers?
What about contractors?
How long?
Who approves it?
Who approves that?
Does that include weekends?
What about the second one?
The second one?
How do I apply?
What's the deadline?
Is there a limit?
In Germany?
Even on weekends?
What if I'm sick?
Can I get one too?
What happens if I don't?
How many of them can I carry over?
Is there a place to park bikes there?
Are you sure?
And what if I already clicked on the link in it?
Can I go back to one I used last year?
How do I get the password for the one in Washington?
Und für Teilzeit?
Wie lange?
Gilt das auch für Praktikanten?
Was ist mit Werkstudenten?
Wer genehmigt ihn?
Bekomme ich das bezahlt?
Brauche ich dafür ein Attest?
Wie viel davon kann ich übertragen?
Die zweite?
Auch am Wochenende?
Was ist, wenn ich kündige?
"""
STANDS_ALONE = """
How many weeks of parental leave do I get?
Is it possible to work from Canada?
Is there a gym in the Berlin office?
If my laptop breaks, who fixes it?
What is FMLA and who can use it?
How long does it take to get a visa?
When do employees get their bonus?
wifi password
What is the travel policy this year?
My manager is on holiday. Can she still approve my expenses?
How do I get a badge and where do I pick it up?
Can I hire an SUV or am I stuck with the tiny one?
Wie viele Urlaubstage habe ich?
Ist es möglich, aus Spanien zu arbeiten?
Wenn mein Laptop kaputt ist, wer repariert ihn?
Darf das Team eine Feier veranstalten?
Wie lange dauert es, bis mein Ausweis kommt?
Können Sie mir den Dresscode erklären?
Thanks a lot!
OK, danke!
"""


@pytest.mark.parametrize("question", LEANS.strip().splitlines())
def test_it_leans(question: str) -> None:
    assert leaning_of(question) is Leaning.YES


@pytest.mark.parametrize("question", STANDS_ALONE.strip().splitlines())
def test_it_stands_alone(question: str) -> None:
    assert leaning_of(question) is Leaning.NO


@pytest.mark.parametrize("question", ["And how do I order business cards?", "Und wie bestelle ich Visitenkarten?"])
def test_one_that_goes_on_about_something_of_its_own_may_lean_or_not(question: str) -> None:
    assert leaning_of(question) is Leaning.MAYBE
