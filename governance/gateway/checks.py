"""What is wrong with the models' settings, said at start instead of at the first question."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from governance.gateway import embeddings, entail, rerank
from governance.gateway.embedding.folders import problem_with


def model_folders_hold_models(**_options: Any) -> list[CheckMessage]:
    config = settings.ASKACME
    problems = [
        problem_with(model.path, f"{embeddings.VARIABLE} → {name}", embeddings.KIND)
        for name, model in config.embedding_models.items()
        if model.path
    ]
    if config.reranker:
        problems.append(problem_with(Path(config.reranker), rerank.VARIABLE, rerank.KIND))
    if config.nli_model:
        problems.append(problem_with(Path(config.nli_model), entail.VARIABLE, entail.KIND))
    return [Error(problem, id="governance.E001") for problem in problems if problem]
