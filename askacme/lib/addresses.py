"""Which IP addresses a connection may be opened to."""

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052: the IPv4 address is in the last 32 bits
_TRANSLATED_LOCALLY = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: wherever the local network likes
_FOR_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890; Python before 3.13 takes most of it for public
_METADATA = (ipaddress.IPv6Network("fd00:ec2::254"), ipaddress.IPv6Network("fd20:ce::254"))
"""Where AWS and Google hand out credentials over IPv6: private addresses, but not link-local ones."""


def may_reach(address: str, *, inside: bool) -> bool:
    """
    Whether a connection to this IP address may be opened.

    `inside` lets private and loopback addresses pass, never those where clouds keep credentials (link-local and a few).
    """
    try:
        ip = unwrapped(ipaddress.ip_address(address))
    except ValueError:
        return False
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local or ip in _FOR_PROTOCOLS:
        return False
    if any(ip in network for network in _METADATA):
        return False
    if inside and (ip.is_private or ip.is_loopback):
        return True
    return ip.is_global and not ip.is_reserved and not getattr(ip, "is_site_local", False)


def unwrapped(ip: IPAddress) -> IPAddress:
    """
    The address at which a packet really arrives: the IPv4 one inside a mapped, 6to4 or NAT64 address.

    Raises ValueError where that can't be told (local NAT64, Teredo).
    """
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _TRANSLATED_LOCALLY or ip.teredo:
        raise ValueError(f"{ip} is a tunnel")
    if ip in _TRANSLATED:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
