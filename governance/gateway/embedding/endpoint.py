"""
One call to a server that embeds texts in OpenAI's format: OpenAI, Azure, vLLM, Ollama, LiteLLM and many more.

Wire format: https://platform.openai.com/docs/api-reference/embeddings. No `encoding_format` is sent: numbers are what
all of them answer with, while some refuse base64 and others ignore that it was asked for.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import numpy as np

from governance.gateway.faults import Fault, ProviderFailed
from governance.gateway.providers import failures, pace
from governance.gateway.providers.values import JsonObject, a_count, a_list, an_object
from governance.gateway.types import Vectors

CONNECT_S = 5.0
MAX_BODY_BYTES = 32 * 1024 * 1024
"""More than 96 vectors of 4,000 numbers, written out in full."""


@cache
def client() -> httpx.Client:
    """As `gateway.http.client`, for threads: no cookies, no proxies of the environment, no redirects."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(transport=httpx.HTTPTransport(), cookies=no_cookies, follow_redirects=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Where a model is, and how it is asked.

    `base_url` is the part before `/embeddings`; with an `api_version` it is called as Azure wants it. `dimension` is
    the length of the model's vectors, which `shorten` asks for.
    """

    base_url: str
    model: str
    dimension: int
    api_key: str = field(default="", repr=False)
    api_version: str = ""
    shorten: bool = False
    http: httpx.Client = field(default_factory=client, repr=False)

    @property
    def url(self) -> str:
        version = f"?api-version={self.api_version}" if self.api_version else ""
        return f"{self.base_url.rstrip('/')}/embeddings{version}"

    @property
    def key(self) -> dict[str, str]:
        if not self.api_key:
            return {}
        return {"api-key": self.api_key} if self.api_version else {"Authorization": f"Bearer {self.api_key}"}

    def body(self, texts: Sequence[str]) -> JsonObject:
        shortened = {"dimensions": self.dimension} if self.shorten else {}
        return {"model": self.model, "input": list(texts), **shortened}


@dataclass(frozen=True, slots=True)
class Answer:
    """`vectors` in the order of the texts, of length 1; `tokens` as the server counted, 0 if it doesn't say."""

    vectors: Vectors
    tokens: int
    rate_limits: Mapping[str, str]


def ask(endpoint: Endpoint, texts: Sequence[str], *, headers: Mapping[str, str], timeout_s: float) -> Answer:
    """
    One call, over after `timeout_s`.

    Raises ProviderFailed, whatever goes wrong; its words never hold the key.
    """
    try:
        return _asked(endpoint, texts, headers, timeout_s)
    except ProviderFailed as failure:
        if endpoint.api_key:
            failure.args = (str(failure).replace(endpoint.api_key, "***"),)
        raise


def _asked(endpoint: Endpoint, texts: Sequence[str], headers: Mapping[str, str], timeout_s: float) -> Answer:
    deadline = time.monotonic() + timeout_s
    plain = {"Accept": "application/json", "Accept-Encoding": "identity", "Content-Type": "application/json"}
    try:
        with endpoint.http.stream(
            "POST",
            endpoint.url,
            content=json.dumps(endpoint.body(texts), ensure_ascii=False).encode(errors="replace"),
            headers={**plain, **headers, **endpoint.key},
            timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
        ) as response:
            body = _body(response, deadline)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ProviderFailed(Fault.UNREACHABLE, f"no connection: {error}") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise ProviderFailed(Fault.STALLED, f"no whole answer within {timeout_s:.3g} s") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ProviderFailed(Fault.BAD_REQUEST, f"not an address: {error}") from error
    except httpx.HTTPError as error:
        raise ProviderFailed(Fault.BROKEN_OFF, f"the connection was cut: {error or type(error).__name__}") from error
    rate_limits = pace.rate_limits(response.headers)
    if not response.is_success:
        failure = failures.of_status(response.status_code, body, retry_after_s=pace.retry_after_s(response.headers))
        failure.rate_limits = rate_limits
        raise failure
    return _answer(body, len(texts), endpoint.dimension, rate_limits)


def _body(response: httpx.Response, deadline: float) -> bytes:
    """Raises TimeoutError for one that drips, and ProviderFailed for one that doesn't end."""
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise ProviderFailed(Fault.MALFORMED, f"an answer of more than {MAX_BODY_BYTES // 1024**2} MiB")
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(chunks)


def _answer(body: bytes, n_texts: int, dimension: int, rate_limits: Mapping[str, str]) -> Answer:
    try:
        told = an_object(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise ProviderFailed(Fault.MALFORMED, "the answer isn't JSON: is this the API?") from error
    if told.get("error"):
        raise failures.of_error_object(told["error"])
    usage = an_object(told.get("usage"))
    tokens = a_count(usage.get("prompt_tokens")) or a_count(usage.get("total_tokens"))
    rows = _in_order([an_object(item) for item in a_list(told.get("data"))], n_texts)
    return Answer(_vectors(rows, dimension), tokens, rate_limits)


def _in_order(items: Sequence[JsonObject], n_texts: int) -> list[Any]:
    """The embeddings by `index`, which is the text's place; servers that answer in parallel mix them."""
    by_place = {item.get("index", place): item.get("embedding") for place, item in enumerate(items)}
    if len(items) != n_texts or by_place.keys() != set(range(n_texts)):
        raise ProviderFailed(Fault.MALFORMED, f"{len(items)} vectors for {n_texts} texts, or not one for each")
    return [by_place[place] for place in range(n_texts)]


def _vectors(rows: Sequence[Any], dimension: int) -> Vectors:
    try:
        numbers = np.array(rows, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise ProviderFailed(Fault.MALFORMED, "the vectors aren't rows of numbers of one length") from error
    if numbers.ndim != 2:
        raise ProviderFailed(Fault.MALFORMED, "the vectors aren't rows of numbers")
    if numbers.shape[1] != dimension:
        raise ProviderFailed(
            Fault.UNKNOWN_MODEL, f"its vectors have {numbers.shape[1]} numbers, not {dimension}: correct 'dimension'"
        )
    largest = np.abs(numbers).max(axis=1, keepdims=True)
    if not (np.isfinite(largest).all() and largest.all()):
        raise ProviderFailed(Fault.MALFORMED, "a vector without a direction: zeros, or numbers without end")
    numbers /= largest  # first, so that the squares of huge numbers stay numbers
    vectors: Vectors = (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float32)
    return vectors
