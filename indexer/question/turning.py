"""Questions that ask when something came in or went: "when was it added", "which release dropped it", "since when"."""

from __future__ import annotations

from typing import Final

from indexer.question import english, english_before
from indexer.question.limits import Limit
from indexer.question.reach import reach
from indexer.question.sentence import Sentence
from indexer.question.values import Bound, Kind

_NAME: Final = 4
"""How many words of a name may follow "added when"."""
_NAMING: Final = english.NAMING | english.LOOKING | {"is", "was", "what's", "need", "want"}
"""Before "the version in which": that one is asked for, and nothing of what it says."""
_NAME_OF_FORM: Final = 14
"""How many words may stand before "in which"."""
_PERSONS: Final = frozenset({"i", "you", "he", "she", "we"})
"""What these did is nothing that a version did."""
_FIRST_SEEN: Final = english.APPEARED | {"seen", "shown", "made", "written", "had", "in", "with"}
"""After "first", as what ends in -ed."""
_REACH: Final = 40
"""How many words a question may put between "when was" and its verb."""


def turning_point(s: Sentence, versions: list[Limit]) -> Kind | None:
    """INTRODUCED or REMOVED where that is asked, else None."""
    for at in range(len(s)):
        kind = (
            _when(s, at)
            or _which_version(s, at)
            or _version_in_which(s, at)
            or _form_did(s, at)
            or _form_that_did(s, at)
            or _who(s, at)
            or _mention(s, at)
        )
        if kind is not None:
            return kind
    return _did_it(s, versions)


def _when(s: Sentence, at: int) -> Kind | None:
    """``when was it added``, ``since when``, ``until when``, ``tell me when it was dropped``, ``how long has it been``."""
    word = s.word(at)
    if word == "when" and _names_only(s, at + 1) and (kind := _done(s, at - 1)) is not None:
        return kind
    if word == "when" and at + 1 == len(s) and not s.spoken.isdisjoint(english.GAINED):
        return Kind.INTRODUCED
    if word == "how" and s.word(at + 1) == "long" and s.word(at + 2) in ("has", "have"):
        return Kind.INTRODUCED
    if word == "when":
        if s.word(at - 1) == "since":
            return _since(s, at + 1)
        if s.word(at - 1) in ("until", "till"):
            return Kind.REMOVED
        told = s.word(at - 1) in ("me", "tell", "know", "show", "find", "out", "say")
        told = told or (at == s.head and s.word(at - 1) in english_before.STATING)
        if s.word(at + 1) not in ("was", "were", "did", "had", "has", "have") and not told:
            return None
        return _verb(s, at + 1, told=told)
    if (
        word in ("what", "which")
        and s.word(at + 1) in english.MOMENTS
        and s.word(at - 1) in ("in", "at", "on", "from", "since")
    ):
        return _verb(s, at + 2)
    return None


def _which_version(s: Sentence, at: int) -> Kind | None:
    """``in which version was it added``, ``since which release``, ``up to which version``, ``as of which version``."""
    if s.words[at:] == ("which", "one"):
        return _in_one(s, at)
    if s.word(at) not in ("which", "what") or _form(s, at + 1) is None:
        return None
    if reach(s, at - 1) is not None or reach(s, at - 2) is not None:
        return None  # how far what is known here reaches
    before = s.word(at - 1)
    after = (_form(s, at + 1) or at) + 1
    if (done := _done(s, at - 2 if before in ("in", "with", "by", "since", "from") else at - 1)) is not None:
        return done
    if after >= len(s) and s.head < at and (kind := _was_done(s, at)) is not None:
        return kind
    if after >= len(s) and before in ("in", "with", "by") and not s.spoken.isdisjoint(english.GAINED):
        return Kind.INTRODUCED
    if before in ("since", "from", "with") or (before == "of" and s.word(at - 2) == "as"):
        if before == "with" and s.word(at - 2) != "starting" and s.word(at - 2) != "beginning":
            return _verb(s, after, told=True)
        return _since(s, after)
    if before in ("until", "till", "through") or (before == "to" and s.word(at - 2) == "up"):
        return Kind.REMOVED
    return _verb(s, after, told=True) if before in ("in", "by", "at", "on") else None


def _version_in_which(s: Sentence, at: int) -> Kind | None:
    """``name the [Grafana] release in which it came``, ``what is the version [of Grafana] with which it was dropped``."""
    word = s.word(at)
    if word == "which":
        end = at - 1 if s.word(at - 1) in ("in", "with", "since", "by", "from") else None
    else:
        end = at if word in ("where", "when") else None
    if end is None or end - s.head > _NAME_OF_FORM or not _names_form(s, end):
        return None
    return _verb(s, at + 1, told=True)


def _names_form(s: Sentence, end: int) -> bool:
    """Whether the words before `end` ask for one version, and nothing of what it says: ``tell me the release``."""
    noun = next((at for at in range(s.head, end) if s.word(at) in english.FORMS), None)
    if noun is None or s.word(noun) in english.PLURALS:
        return False
    naming = next((at for at in range(s.head, min(s.head + 3, noun)) if s.word(at) in _NAMING), noun)
    spoken = english.FUNCTION - english.DETERMINERS - {"me", "us"}
    of = s.words[noun + 1 : end]
    if naming == noun or not spoken.isdisjoint(s.words[naming + 1 : noun]):
        return False
    return not of or (of[0] in ("of", "for") and spoken.isdisjoint(of[1:]))


def _form_did(s: Sentence, at: int) -> Kind | None:
    """``which release improved it``, ``what edition first listed it``."""
    if s.word(at) not in ("which", "what"):
        return None
    form = _form(s, at + 1)
    if form is None:
        return None
    if s.word(form + 1) == "of":
        follows = english.FORMER | english.SEEING | english.GAINED | {"is", "was", "were", "no"}
        form = next((place for place in range(form + 2, form + 6) if s.word(place + 1) in follows), form)
    if s.words[form + 1 : form + 4] in (("was", "it", "that"), ("is", "it", "that")):
        form += 3
    if s.words[-1] in ("in", "with", "by") and s.word(form + 1) in english.AUXILIARIES:
        return _verb(s, form + 1, told=True)
    return _did_by(s, form)


def _form_that_did(s: Sentence, at: int) -> Kind | None:
    """``name the release that introduced it``."""
    if s.word(at) not in ("that", "which") or at - s.head > _NAME_OF_FORM or not _names_form(s, at):
        return None
    return _did_by(s, at)


def _did_by(s: Sentence, form: int) -> Kind | None:
    """What a version did, by the words behind `form`: ``improved it``, ``no longer had it``, ``first listed it``."""
    if s.word(form + 1) == "no" and s.word(form + 2) in english.NO_LONGER | {"more"}:
        return Kind.REMOVED
    edge = s.skip(form + 1, {"is", "was", "the", "were"}, 2)
    if edge > form + 1 and s.word(edge) in ("first", "last") and s.word(edge + 1) in english.SUCH_THAT:
        return Kind.INTRODUCED if s.word(edge) == "first" else Kind.REMOVED
    verb = s.skip(form + 1, english.ADVERBS | {"has", "have", "had"}, 3)
    word = s.word(verb)
    if word in english.DISAPPEARING or english.GONE.get(word) == s.word(verb + 1) != "":
        return Kind.REMOVED
    if word in english.APPEARING - {"new", "included", "created"} or word in (
        "made",
        "gave",
        "started",
        "began",
    ):
        return Kind.INTRODUCED
    if word in english.SEEING or s.words[verb + 1 : verb + 3] == ("responsible", "for"):
        noun = next((place for place in range(verb + 1, verb + 6) if _nominal(s, place) is not None), None)
        if noun is not None:
            return _nominal(s, noun)
    if word in english.GAINED and s.word(verb + 1) not in english.DISAPPEARING:
        return Kind.INTRODUCED
    if any(
        s.word(at) == "than" and s.word(at + 1) in ("before", "earlier", "previously")
        for at in range(form + 1, len(s))
    ):
        return Kind.INTRODUCED
    if s.word(form + 1) in ("has", "had", "have", "lists", "mentions") and s.words[-1] == "first":
        return Kind.INTRODUCED
    first = any(s.word(place) == "first" for place in range(form + 1, verb))
    had = s.word(verb - 1) in ("has", "had")
    return Kind.INTRODUCED if first and (had or word.endswith(("ed", "d", "s"))) else None


def _nominal(s: Sentence, at: int) -> Kind | None:
    """``the addition of it``, ``the removal of it``."""
    if s.word(at) in english.CHANGES and s.word(at + 1) in english.PREPOSITIONS:
        return Kind.INTRODUCED
    if s.word(at + 1) != "of" or s.word(at - 1) in english.PREPOSITIONS:
        return None
    if s.word(at) in english.DEPARTURE:
        return Kind.REMOVED
    return Kind.INTRODUCED if s.word(at) in english.ARRIVAL else None


def _names_only(s: Sentence, at: int) -> bool:
    """Whether nothing follows but a name: ``tape support added when?``, ``… added when, backup policy``."""
    names = s.words[at : at + _NAME + 1]
    return len(names) <= _NAME and not any(word in english.FUNCTION | english.SAYING for word in names)


def _done(s: Sentence, at: int) -> Kind | None:
    """What keywords say before "when" and "in which version" at their end: ``tape support added in which version``."""
    word = s.word(at)
    if word in english.DISAPPEARING:
        return Kind.REMOVED
    return Kind.INTRODUCED if word in english.APPEARING - {"allowed", "included"} else None


def _in_one(s: Sentence, end: int) -> Kind | None:
    """``carry-over was raised in one of the editions. Which one?``."""
    some = any(
        s.word(at) in ("one", "a", "some")
        and s.word(at - 1) in english.PREPOSITIONS
        and (s.word(at + 1) == "of" or _form(s, at + 1) is not None)
        for at in range(s.head + 1, end)
    )
    return _verb(s, s.head, told=True) if some else None


def _was_done(s: Sentence, end: int) -> Kind | None:
    """``tape support added to Grafana - which version``: no sentence, but what happened, and then "which version"."""
    words = s.words[s.head : end]
    if not english.FUNCTION.isdisjoint(words[:2]) or not (
        english.AUXILIARIES | english.QUESTION_WORDS | english.PRONOUNS
    ).isdisjoint(words):
        return None
    for at in range(s.head + 1, end):
        if s.breaks(at) or s.word(at + 1) in english.PREPOSITIONS:
            kind = _done(s, at)
            if kind is not None:
                return kind
    return None


def _who(s: Sentence, at: int) -> Kind | None:
    """``who added it``."""
    if s.word(at) != "who" or at > s.head + 3:
        return None
    word = s.word(s.skip(at + 1, english.ADVERBS, 2))
    if word in english.DISAPPEARING:
        return Kind.REMOVED
    return (
        Kind.INTRODUCED
        if word in ("added", "introduced", "changed", "deprecated", "reworded", "rewrote")
        else None
    )


def _mention(s: Sentence, at: int) -> Kind | None:
    """``first mention of it``, ``last mention of it``."""
    if s.word(at) not in ("first", "earliest", "last", "latest") or s.word(at + 1) not in english.MENTION:
        return None
    return Kind.INTRODUCED if s.word(at) in ("first", "earliest") else Kind.REMOVED


def _did_it(s: Sentence, versions: list[Limit]) -> Kind | None:
    """``was it added in v3``, ``did v3 introduce it``, ``v3: was it added there``; not ``is it deprecated in v3``, which asks what v3 says."""
    if not versions:
        return None
    asking = ("was", "were", "did", "has", "have", "is", "are")
    if s.told and (kind := _told_of(s, versions[0])) is not None:
        return kind
    behind = versions[-1].end
    first = s.word(behind) if s.first not in asking and s.breaks(behind - 1) else s.first
    if first not in asking:
        return Kind.INTRODUCED if _new_in(s, versions[0]) else None
    if all(limit.expression.bound is not Bound.AT for limit in versions):
        return None
    words = set(s.words)
    if first == "did" and "first" in words and words & (english.APPEAR - {"change", "fix"}):
        return Kind.INTRODUCED
    if words & (english.DISAPPEARING | {"remove", "drop", "delete"}):
        return Kind.REMOVED
    adding = words & (english.ADDING - {"new"})
    if first != "did":
        adding -= {"deprecated"}
    feature = any(s.word(at) == "new" and s.word(at + 1) in english.FEATURES for at in range(len(s)))
    return Kind.INTRODUCED if adding or feature or s.news() else None


def _told_of(s: Sentence, limit: Limit) -> Kind | None:
    """``is it true that version 3 of the handbook added it``."""
    end = limit.end
    while end < limit.end + 2 + _NAME and (
        s.word(end) not in english.FUNCTION - english.DETERMINERS - {"of"}
    ):
        if s.word(end) in english.ACTED | {"brought"}:
            return Kind.INTRODUCED
        if s.word(end) in ("dropped", "removed", "discontinued"):
            return Kind.REMOVED
        end += 1
    return None


def _new_in(s: Sentence, limit: Limit) -> bool:
    """``tape support new in v3?``: something is, and nothing else is said; not ``new in v3``, which asks what."""
    new = next((at for at in range(s.head, limit.opening + 1) if s.word(at) == "new"), s.head)
    names = s.words[s.head : new]
    if not names or s.word(new + 1) not in ("in", "with") or limit.end != len(s):
        return False
    return not any(word in english.FUNCTION | english.NEWS or word in english.IMPERATIVES for word in names)


def _since(s: Sentence, at: int) -> Kind:
    """After "since when": something came, unless it is no longer."""
    words = [s.word(place) for place in range(at, min(at + _REACH, len(s)))]
    gone = any(word in english.NO_LONGER or word in english.DISAPPEARING for word in words)
    gone = gone or ("no" in words and "more" in words)
    return Kind.REMOVED if gone else Kind.INTRODUCED


def _verb(s: Sentence, at: int, *, told: bool = False) -> Kind | None:
    """What happened, by the verb that follows within the same sentence."""
    did = False
    auxiliary = False
    acted = s.word(at) not in _PERSONS
    nominal: Kind | None = None
    for place in range(at, min(at + _REACH, len(s))):
        word = s.word(place)
        nominal = nominal or _nominal(s, place)
        if nominal is not None and did and word in english.HAPPENING:
            return nominal
        if auxiliary and word == "made" and (nominal or s.word(place + 1) in english.MADE):
            return nominal or Kind.INTRODUCED
        if (
            (told or auxiliary)
            and word == "first"
            and place > at
            and s.word(place - 1) not in english.DETERMINERS
            and (s.breaks(place) or s.word(place + 1).endswith("ed") or s.word(place + 1) in _FIRST_SEEN)
        ):
            return Kind.INTRODUCED
        if (told or auxiliary) and s.words[place : place + 4] == ("for", "the", "first", "time"):
            return Kind.INTRODUCED
        acted = acted and word not in ("is", "are", "be")
        if told and acted and place > at and not auxiliary and not did:
            if word in english.ACTED:
                return Kind.INTRODUCED
            if word in ("lost", "dropped", "removed", "discontinued"):
                return Kind.REMOVED
        did = did or word in ("did", "does", "do")
        auxiliary = auxiliary or word in ("was", "were", "has", "have", "had", "did", "been", "got")
        if word in english.DISAPPEARING and auxiliary:
            return Kind.REMOVED
        if (
            word in english.APPEARING
            and auxiliary
            and not (word in ("new", "added") and s.word(place - 1) in english.DETERMINERS)
        ):
            return Kind.INTRODUCED
        if word in english.GONE and english.GONE[word] in (s.word(place + 1), s.word(place + 2)):
            return Kind.REMOVED
        if did and word == "first":
            return Kind.INTRODUCED
        if did and word in english.SHOWN_UP and s.word(place + 1) == "up":
            return Kind.INTRODUCED
        if did and word in english.DISAPPEAR:
            return Kind.REMOVED
        if word in ("get", "become", "be") and s.word(place + 1) in english.DISAPPEARING:
            return Kind.REMOVED
        if did and word in english.APPEAR and place > at + 1:
            return Kind.INTRODUCED
        if told and place > at and word in english.APPEARED:
            return Kind.INTRODUCED
        if told and place > at and word in english.DISAPPEARED:
            return Kind.REMOVED
        if s.tokens[place].trail[:1] in (".", "?", "!", ";") and s.tokens[place].trail:
            return None
    return None


def _form(s: Sentence, at: int) -> int | None:
    """Where version, release or the like stands, at most four words of a name before it."""
    for place in range(at, at + 5):
        word = s.word(place)
        if word in english.FORMS:
            return None if s.word(place + 1) in english.NOT_AFTER_NOUN and not s.breaks(place) else place
        if not word or word in english.FUNCTION or s.breaks(place):
            return None
    return None
