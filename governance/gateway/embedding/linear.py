"""
Matrix products, the nine tenths of a model's work, in the arithmetic that the CPU is best at.

On a CPU with avx512_bf16 and avx512_vnni a core does about 90 billion multiply-adds a second in float32, 210 in
bfloat16 and 420 in int8 (measured: AMD EPYC 9004, torch 2.13). oneDNN's kernels are called with weights that are laid
out for them once; `torch.nn.functional.linear` would lay them out anew at each call.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from governance.gateway.embedding.cpu import Engine

TYPICAL_ROWS = 1024
"""Weights are laid out for about this many tokens at once; other numbers work as well, a little slower."""
INT8_ROWS = 512
"""Tokens that are scaled to int8 at a time: more fall out of the processor's cache."""


class Linear(Protocol):
    """x ↦ x·Wᵀ + b, for `x` of shape (n_tokens, n_in)."""

    def __call__(self, x: Tensor) -> Tensor: ...

    def gelu(self, x: Tensor) -> Tensor:
        """GELU of the product."""

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:
        """The product and `residual`, which has its shape."""


class Float32Linear:
    """The reference, on any CPU."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight, self._bias = weight.float().contiguous(), bias.float()

    def __call__(self, x: Tensor) -> Tensor:
        return functional.linear(x, self._weight, self._bias)

    def gelu(self, x: Tensor) -> Tensor:
        return functional.gelu(self(x))

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:
        return self(x).add_(residual)


class Bfloat16Linear:
    """
    Products of bfloat16, summed in float32; GELU and residual are applied before the sum is rounded.

    Calls what torch.compile calls: these operators have no public name.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        lay_out = torch.ops.mkldnn._reorder_linear_weight  # noqa: SLF001 (no public name, see above)
        self._multiply = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001 (no public name, see above)
        self._weight = lay_out(weight.bfloat16().contiguous(), TYPICAL_ROWS)
        self._bias = bias.bfloat16()

    def __call__(self, x: Tensor) -> Tensor:
        product: Tensor = self._multiply(x, self._weight, self._bias, "none", [], "")
        return product

    def gelu(self, x: Tensor) -> Tensor:
        product: Tensor = self._multiply(x, self._weight, self._bias, "gelu", [], "none")
        return product

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:
        product: Tensor = self._multiply.binary(x, residual, self._weight, self._bias, "add")
        return product


class Int8Linear:
    """
    Products of int8, for CPUs with VNNI.

    Each output channel's weights, and each token, have a scale of their own: one scale for a whole batch would lose
    precision to its largest value, and make a text's vector depend on its neighbours.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._scale = weight.abs().amax(1).clamp_min(1e-12) / 127
        self._weight = torch.ops.onednn.qlinear_prepack((weight / self._scale[:, None]).round().to(torch.int8), None)
        self._no_offset = torch.zeros(len(self._scale), dtype=torch.int64)
        self._bias = bias.float()

    def __call__(self, x: Tensor) -> Tensor:
        return torch.cat([self._product(rows) for rows in portions(x)])

    def gelu(self, x: Tensor) -> Tensor:
        return torch.cat([functional.gelu(self._product(rows)) for rows in portions(x)])

    def plus(self, x: Tensor, residual: Tensor) -> Tensor:
        return self(x).add_(residual)

    def _product(self, x: Tensor) -> Tensor:
        """oneDNN's fast kernels take unsigned activations: -127 … 127 are stored as 1 … 255, the zero point is 128."""
        scale = x.abs().amax(1, keepdim=True).clamp_min_(1e-12).div_(127)
        unsigned = x.div(scale).add_(128.5).to(torch.uint8)
        product = torch.ops.onednn.qlinear_pointwise(
            unsigned, 1.0, 128, self._weight, self._scale, self._no_offset, None, 1.0, 0, torch.float32, "none", [], ""
        )
        return torch.addcmul(self._bias, product, scale)


def portions(x: Tensor) -> list[Tensor]:
    return [x[begin : begin + INT8_ROWS] for begin in range(0, len(x), INT8_ROWS)]


LINEAR: dict[Engine, Callable[[Tensor, Tensor], Linear]] = {
    "float32": Float32Linear,
    "bfloat16": Bfloat16Linear,
    "int8": Int8Linear,
}
