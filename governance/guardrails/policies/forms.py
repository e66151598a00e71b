"""What the console asks for a new version of a policy, and a rule of it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group

from governance.guardrails.policies.models import GuardPolicy, GuardRule
from governance.guardrails.values import Action

if TYPE_CHECKING:
    RuleModelForm = forms.ModelForm[GuardRule]
else:
    RuleModelForm = forms.ModelForm

WORDS = {
    Action.ALLOW: "allow",
    Action.WARN: "answer, with a notice",
    Action.MASK: "mask",
    Action.BLOCK: "block",
}
AT_INGEST = {Action.ALLOW: "ingest as it is", Action.WARN: "ingest, with a finding", Action.BLOCK: "quarantine"}
CHOICES = {
    GuardRule.About.QUESTION: [Action.ALLOW, Action.WARN, Action.BLOCK],
    GuardRule.About.PERSONAL: [Action.ALLOW, Action.MASK, Action.BLOCK],
    GuardRule.About.ANSWER: list(Action),
    GuardRule.About.DOCUMENT: list(Action),
}
"""What makes sense: a question can't be answered with its attack masked."""


class DraftForm(forms.Form):
    """`like` is the version to begin from; without one, what is live."""

    group = forms.ModelChoiceField(Group.objects.order_by("name"), required=False, empty_label="everyone")
    note = forms.CharField(max_length=200)
    like = forms.ModelChoiceField(GuardPolicy.objects.all(), required=False)


class RuleForm(RuleModelForm):
    class Meta:
        model = GuardRule
        fields = ["action", "threshold"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "action" in self.fields and self.instance.about:
            about = GuardRule.About(self.instance.about)
            words = WORDS | (AT_INGEST if about is GuardRule.About.DOCUMENT else {})
            self.fields["action"].widget.choices = [(str(action), words[action]) for action in CHOICES[about]]
