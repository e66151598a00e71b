"""Why not, and when again: in a sentence for the person who asked."""

import math

from askacme.lib.errors import RateLimited
from governance.gateway.limits.buckets import DAY_S, Bucket, Claim, Outcome, Room

BUSY_AGAIN_S = 30.0
OCCUPIED_AGAIN_S = 5.0
"""When a place becomes free nobody knows: answers take seconds."""


def refusal(claim: Claim, outcome: Outcome) -> RateLimited:
    if outcome.verdict == "spent":
        return spent(claim.buckets[outcome.at], outcome.wait_ms / 1000)
    if outcome.verdict == "occupied":
        return occupied(claim.rooms[outcome.at])
    return busy("Very many people are asking right now.")


def busy(reason: str) -> RateLimited:
    return RateLimited(
        f"{reason} Please ask again in {in_words(BUSY_AGAIN_S)}.",
        retry_after_s=BUSY_AGAIN_S,
    )


def spent(bucket: Bucket, wait_s: float) -> RateLimited:
    """A bucket that is empty gave out at least its capacity within its window, so the sentence is true."""
    window = "day" if bucket.window_s == DAY_S else "minute"
    if bucket.counted == "requests":
        what = f"asked {counted(bucket.capacity, 'question')} in the last {window}"
    else:
        what = f"used up the {counted(bucket.capacity, 'token')} (a measure of text) of one {window}"
    whose = {
        "person": "You have",
        "group": f"The people of {bucket.share.name} have together",
        "everyone": "All of you together have",
    }[bucket.share.who]
    return RateLimited(f"{whose} {what}. You can ask again in {in_words(wait_s)}.", retry_after_s=wait_s)


def occupied(room: Room) -> RateLimited:
    running = counted(room.size, "answer")
    if room.share.who == "person":
        sentence = f"You already have {running} running. Wait for one of them, or stop it."
    else:
        sentence = f"The people of {room.share.name} already have {running} running. Ask again in a few seconds."
    return RateLimited(sentence, retry_after_s=OCCUPIED_AGAIN_S)


def in_words(seconds: float) -> str:
    """Rounded up, in the largest unit that people would use."""
    whole = max(1, math.ceil(seconds))
    if whole <= 60:
        return counted(whole, "second")
    if whole <= 3600:
        return counted(math.ceil(whole / 60), "minute")
    return counted(math.ceil(whole / 3600), "hour")


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
