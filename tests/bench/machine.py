"""What the figures were measured on."""

import os
from pathlib import Path

import psutil

from governance.gateway.embeddings import cpu_flags, embedder
from tests.bench import output

TELLING = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16")


def table() -> str:
    import torch

    flags = " ".join(flag for flag in TELLING if flag in cpu_flags())
    memory_gib = psutil.virtual_memory().total / 1024**3
    load = os.getloadavg()[0]
    row = (
        cpu_model(),
        os.cpu_count(),
        f"{memory_gib:.0f}",
        flags,
        f"{embedder().name} {embedder().engine}",
        torch.get_num_threads(),
        f"{load:.1f}",
    )
    return output.table("Machine", ("CPU", "cores", "GiB", "flags", "embedding", "torch threads", "load before"), [row])


def cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
