"""The words of English that stand before a question and ask nothing themselves."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREETINGS: Final = _words(
    "hey hi hello so well ok okay please kindly and but also now thanks um er actually just then perhaps maybe quick question"
)
"""Said before a question, these say nothing."""
REQUESTS: Final = tuple(
    tuple(words.split())
    for words in (
        "i would like to know", "i'd like to know", "i want to know", "i need to know", "i was wondering", "i am wondering",
        "i'm wondering", "i'm looking for", "i am looking for", "i wonder", "do you happen to know", "do you know", "do you remember", "can you remind me",
        "could you remind me", "remind me", "confirm that", "confirm whether", "check that", "check whether", "check if",
        "verify that", "tell me", "tell us", "let me know", "any idea", "is it true that", "may i ask",
        "is it the case that", "is it correct that", "is it right that", "is it accurate that", "is it so that", "is it a fact that",
    )
)  # fmt: skip
"""Said before what is asked, these ask for an answer and for nothing else."""
ASKING: Final = _words(
    "check look see verify confirm find know tell say wonder wondering ask asking sure certain clear unclear curious interested "
    "question determine establish learn hear understand figure ensure checking looking verifying confirming telling finding mind"
)
MAKING_SURE: Final = _words("sure certain confirm verify check ensure")
"""Before "that"."""
AROUND_ASKING: Final = _words(
    "i we you it me us i'd we'd i'm we're i've it's let's like love want need have has would could can will may might must should to be "
    "am is are not please kindly just let help out up for quickly the my our one here good great helpful useful interesting important"
)
"""Before "whether" or "if", these ask for an answer and for nothing else, as long as one of the first is among them."""
STATING: Final = _words("state indicate specify identify name determine clarify mention advise establish")
"""Before a question word: what is asked for, and nothing of what it says."""
POLITE: Final = _words("could can would will")
"""Before "you" and an imperative."""
GIVEN: Final = _words("given provided available supplied offered contained stated recorded documented there")
"""After "what information is": what follows "on" or "about" is asked, and nothing of information."""
