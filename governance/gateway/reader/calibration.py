"""
provisional
"""

from collections.abc import Mapping
from types import MappingProxyType

FLOOR = 0.0
GLANCE: Mapping[str, float] = MappingProxyType(
    {"covered": 4.5, "near": 5.5, "lacks": -3.0, "stub": -0.5, "asks": -3.0, "fragment": -2.0, "rank": -1.0}
)
RANKING: Mapping[str, float] = MappingProxyType(
    {
        "stands_out": 1.3,
        "covered": 2.6,
        "near": 0.7,
        "placed": 4.8,
        "lacks": -2.3,
        "stub": -0.3,
        "asks": -3.0,
        "fragment": -2.5,
        "rank": -0.6,
    }
)
EVIDENCE: Mapping[str, float] = MappingProxyType({"bias": 0.0})
