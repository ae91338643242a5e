"""The words of English by which questions are understood. Another language needs a module like this one."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- numbers -----------------------------------------------------------------------------------

NUMBERS: Final = {
    word: number
    for number, word in enumerate(
        [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
        ],
        start=1,
    )
}  # fmt: skip
COUNTS: Final = NUMBERS | {"a": 1, "an": 1, "couple": 2, "fortnight": 2}
ORDINALS: Final = {
    word: number
    for number, word in enumerate(
        [
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
            "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
        ],
        start=1,
    )
}  # fmt: skip

# --- versions ----------------------------------------------------------------------------------

NOUNS: Final = {
    "version": "version", "ver": "version", "vers": "version", "v": "version",
    "revision": "revision", "rev": "revision",
    "release": "release", "rel": "release",
    "edition": "edition", "ed": "edition",
    "draft": "draft", "issue": "issue", "build": "build",
}  # fmt: skip
"""What people call a version before its name, and the whole word."""
PLURALS: Final = {
    "versions": "version",
    "revisions": "revision",
    "releases": "release",
    "editions": "edition",
    "drafts": "draft",
}
ABBREVIATED: Final = _words("ver vers v rev rel ed no nr")
"""Those that a full stop may follow."""
NUMBER_SIGNS: Final = _words("number no nr num # №")
COUNTED: Final = _words("version revision release edition draft rev ed build")
"""What can be the third, the latest, the previous."""
NOT_AFTER_NOUN: Final = _words(
    "control controlled controlling history histories management manager system systems string strings agent agents process "
    "processes cycle plan plans schedule candidate candidates valve letter letters guide animal beer"
)
"""Words that make another thing of the noun before them: version control, release process, draft animal."""
NOT_BEFORE_NOUN: Final = _words("press news cloth fast director tax slow sustained time case")
"""Words that make another thing of the noun after them: press release."""
FIRST: Final = _words("first original earliest oldest initial lowest")
LATEST: Final = _words("latest freshest youngest current newest last highest up-to-date")
MOST_LATE: Final = _words("recent up-to-date current new newest latest modern late fresh")
MOST_EARLY: Final = _words("old oldest early earliest ancient outdated")
"""After "most", as those say it whose language has no other way."""
PREVIOUS: Final = _words("previous prev prior preceding former")
LAST_BUT_ONE: Final = _words("second-to-last second-last next-to-last penultimate last-but-one")
NEXT: Final = _words("next following subsequent succeeding")
BEFORE: Final = _words("before preceding precedes preceded")
AFTER: Final = _words("after following follows followed succeeding succeeds succeeded")
CAME: Final = _words("came comes come was is right directly immediately just")
NEWER: Final = _words("newer later higher")
OLDER: Final = _words("older earlier lower")
SUCH_THAT: Final = _words(
    "that which with where to containing mentioning including having supporting listing allowing without"
)
"""After "the first version": it is asked when something appeared."""
LINKS: Final = _words("and or to through & vs versus / , until with than - from")
"""What may stand between two versions of one enumeration."""

ENGINE: Final = _words(
    "engine engines isolate isolates javascript js wasm webassembly heap cylinder cylinders motor motors horsepower chrome "
    "chromium turbofan ignition snapshot"
)
"""Where these are spoken of, V8 is one."""
PROTOCOLS: Final = _words(
    "tls ssl http https ip ipv snmp smb nfs usb oauth oauth2 saml bluetooth hdmi pcie cvss imap pop ssh smtp ldap igmp icmp "
    "dhcp rip ntp pdf pdf/a unicode mach cmyk ddr"
)
"""Names whose number is part of them."""
INTERFACES: Final = _words("api apis endpoint endpoints schema protocol rest")
"""Names that hold a version of themselves, which may be that of a document."""
NUMBERED: Final = _words(
    "section sections chapter chapters clause clauses article articles paragraph paragraphs para step steps table tables figure "
    "figures fig page pages part parts item items line lines row rows column columns appendix annex rule rules question "
    "questions level levels phase phases room rooms floor building gate track lane exit route highway grade class type "
    "category group team unit units zone area number no nr order invoice ticket iso iec din en rfc pep cve ieee ansi bs "
    "formula mach size § §§ equation eq example exercise lesson module volume vol schedule form code error "
    "requirement requirements control controls criterion port channel day week month year age stage tier model series plan option priority severity stability bug "
    "address call tel phone fax mr mrs dr st"
)  # fmt: skip
"""What is numbered without being a version: section 3, step 3, ISO 27001."""
NUMBERED_ONCE: Final = _words(
    "level levels code error class type group team stability stage tier model plan option example module form size priority severity"
)
"""Those of which nothing has a number of three parts: "stability level 20.19.0" names a version."""
UNITS: Final = _words(
    "hour hours minute minutes second seconds day days week weeks month months year years percent per % times time people persons "
    "person employees users euro euros eur usd dollars dollar pounds pound gbp yen cents kg g mg km m cm mm miles mile feet ft "
    "inches inch kb mb gb tb kib mib gib tib bytes bits ms s min h hz khz mhz ghz w kw mw v kv a ma c f k degrees degree litres "
    "liters l ml copies pages points items passages members children pieces"
)
PRICES: Final = _words(
    "dollars dollar euros euro pounds pound prices price money terms usd eur gbp values currency"
)
"""After a year: it says what money was worth."""
PARTS: Final = _words("section clause article paragraph chapter standard norm")
"""What may follow its number: the 4.2.1 clause."""
STATISTICS: Final = _words("value values score scores squared coefficient statistic")

# --- commits and tags --------------------------------------------------------------------------

COMMIT: Final = _words("commit commits sha changeset hash")
TAG: Final = _words("tag tagged")

# --- dates -------------------------------------------------------------------------------------

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
FULL_MONTHS: Final = _words(
    "january february march april may june july august september october november december"
)
WORDS_TOO: Final = _words("may march august mar jan sep dec")
"""Months that are other words as well when they are not capitalised."""
WEEKDAYS: Final = {
    day: number
    for number, day in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())  # noqa: SIM905
}
SPANS: Final = {
    "day": "day", "days": "day", "week": "week", "weeks": "week", "month": "month", "months": "month",
    "quarter": "quarter", "quarters": "quarter", "year": "year", "years": "year",
}  # fmt: skip
CLOCK_SPANS: Final = {"minute": 1, "minutes": 1, "hour": 60, "hours": 60}
"""In minutes."""
LAST: Final = _words("last previous past")
THIS: Final = _words("this")
EDGES: Final = {"end": -1, "close": -1, "beginning": 1, "start": 1}
THIRDS: Final = {"early": 0, "mid": 1, "middle": 1, "late": 2}

# --- what limits -------------------------------------------------------------------------------

DETERMINERS: Final = _words("the a an this that these those any some our your its their my his her")
AT: Final = _words("in on at during within under per as of around by for with dated from circa")
"""Prepositions that stand before the version or date that holds; see `bounds` for those of several words."""
DATED: Final = _words("in on at during within around circa dated back")
"""Prepositions that make a year, a month or a day the time that is asked about."""

# --- the skeleton of sentences -----------------------------------------------------------------

QUESTION_WORDS: Final = _words("what which who whom whose when where why how")
AUXILIARIES: Final = _words(
    "is are was were be been being do does did has have had can could will would shall should may might must am isn't aren't "
    "wasn't weren't doesn't didn't hasn't haven't"
)
PREPOSITIONS: Final = _words(
    "in on at of for from to with without by about as into onto over under between among against during until till since before "
    "after through per via regarding concerning related relating within across than up down off out like"
)
CONJUNCTIONS: Final = _words("and or but nor if then that while because so whether not")
PRONOUNS: Final = _words(
    "i you he she it we they me him us them there here one ones anyone anything something"
)
SAYING: Final = _words(
    "say says said mention mentions mentioned state states stated require requires required read reads allow allows allowed specify "
    "specifies specified describe describes described define defines defined cover covers list lists contain contains carry"
)
FUNCTION: Final = DETERMINERS | QUESTION_WORDS | AUXILIARIES | PREPOSITIONS | CONJUNCTIONS | PRONOUNS
IMPERATIVES: Final = _words(
    "list show name give tell enumerate count find display print explain describe compare call ask put see please confirm check verify identify indicate specify provide"
)
PAST: Final = _words("was were did had said used stood been wasn't weren't didn't hadn't")

# --- kinds -------------------------------------------------------------------------------------

CHANGES: Final = _words(
    "change changes modification modifications alteration alterations adjustment adjustments"
)
"""Nouns that say no more than that something took another wording."""
DIFFERENCE: Final = _words(
    "delta change changes changed changing difference differences differ differs differed different diff changelog modify modifies modified modification "
    "modifications alter alters altered altering alteration alterations"
)
"""With a version or date, these ask for changes wherever they stand."""
DIFFERENCES: Final = _words("delta difference differences differ differs diff changelog")
"""Of these, what shows that something differs, and no deed."""
CHANGING: Final = _words(
    "fixed fix fixes added add adds removed remove removes upgraded upgrade upgrades updated update updates refactored refactor "
    "improved improve improves deprecated reworded rewritten dropped drop introduced resolved resolve addressed address solved bumped "
    "replaced renamed extended revised edited new deleted correct corrected improvements improvement bugfixes squashed repaired remedied "
    "enhanced enhancement enhancements refactoring refactorings additions removals deprecations"
)
"""In a question that begins as one about changes does, these ask for changes of a version."""
MODALS: Final = _words("can could should must may might would shall")
ACTORS: Final = _words("i we you one people users someone somebody they")
"""Who does what a question asks how to do."""
SUPPORT: Final = _words(
    "support supports supported supporting compatible require requires required works run runs needs needed"
)
"""What documents say of versions of other things."""
CHANGE_HEADS: Final = _words(
    "what which how was were list show name give describe explain state did has have is are any anything"
)
CHANGE_NOUNS: Final = _words(
    "fixes fix bugfixes updates upgrades improvements enhancements additions removals deprecations refactorings refactoring"
)
"""Right beside a version these ask for changes without any verb: "fixes in 5.3.2"."""
FEATURES: Final = _words(
    "feature features function functions functionality option options setting settings addition additions"
)
NOVELTIES: Final = FEATURES | _words("in with from api apis things stuff")
"""After "new" at the head of a question."""
DEEDS: Final = (DIFFERENCE | CHANGING | _words("do bring touch")) - _words("new")
"""In "what did v3 …": what a version does to what was there."""
CAME_WITH: Final = _words("came come comes shipped ship ships landed land arrived arrive went goes gone")
"""In "what … in v3": what it brought or took away."""
RECENT: Final = _words("recent latest newest last")
APPEARING: Final = _words(
    "introduced added born deprecated improved extended created brought implemented enabled allowed permitted reworded changed updated "
    "modified raised increased lowered reduced fixed rewritten revised renamed shortened lengthened included established imposed "
    "refactored upgraded tightened relaxed shipped landed arrived launched documented new expanded clarified elaborated refined "
    "corrected simplified amended adjusted altered adapted rephrased edited enhanced supplemented"
)
"""In "when was it …": something came in or took another wording."""
APPEAR: Final = _words(
    "appear begin start become introduce add change come bring improve extend fix allow mention include raise increase lower reduce "
    "enable deprecate update get gain land arrive ship emerge surface debut launch"
)
"""In "when did it …"."""
DISAPPEARING: Final = _words(
    "removed dropped deleted discontinued retired abolished withdrawn eliminated scrapped disappeared vanished"
)
GAINED: Final = _words("got gained received acquired")
"""In "it got that when?"."""
ACTED: Final = _words("gained introduced added deprecated adopted")
"""In "tell me when it … that", active."""
SEEING: Final = _words(
    "saw sees marked marks witnessed brought brings made makes contains contained includes included"
)
ARRIVAL: Final = _words(
    "addition introduction arrival appearance debut inclusion launch birth advent emergence deprecation"
)
DEPARTURE: Final = _words("removal deletion disappearance withdrawal retirement discontinuation")
"""Before "of": in "which version saw the … of it" and "when did the … of it happen", what came and what went."""
HAPPENING: Final = _words("happen occur take place made done come")
MADE: Final = _words(
    "more less clearer stricter easier longer shorter optional mandatory available public stable obsolete"
)
"""After "made", passive: it took another wording."""
APPEARED: Final = _words("appeared came arrived landed emerged surfaced debuted entered started began")
"""In "in which version it …", without any auxiliary."""
DISAPPEARED: Final = _words("disappeared vanished went ended")
DISAPPEAR: Final = _words("disappear vanish remove drop delete discontinue retire abolish stop cease go")
ADDING: Final = _words("introduced introduce added add brought bring new deprecated deprecate")
"""In "was it … in v3?": whether that version brought it."""
NO_LONGER: Final = _words("longer anymore stopped ceased")
NAMING: Final = _words(
    "name tell give show me us state indicate list very identify specify provide supply point out"
)
"""Before "the latest version": which one that is, and nothing else."""
GONE: Final = {
    "got": "rid",
    "gotten": "rid",
    "get": "rid",
    "taken": "out",
    "took": "out",
    "take": "out",
    "left": "out",
    "cut": "out",
}
"""Verbs of two words by which something went; other words may stand between them."""
STORES: Final = _words(
    "system index knowledge base catalog catalogue file collection library archive corpus database repository documents docs files sources records"
)
FORMS: Final = _words(
    "version versions release releases edition editions revision revisions draft drafts commit commits update updates"
)
"""What "which … introduced it" may ask for."""
MOMENTS: Final = _words("year month quarter point time date day")
ADVERBS: Final = _words(
    "first finally originally initially actually also then eventually last recently ever already"
)
PUBLISHING: Final = _words(
    "published released issued made written created finalised finalized approved tagged adopted"
)
WRITING: Final = _words("wrote made published released issued authored created edited")
KNOWING: Final = _words(
    "aware know have got see hold contain include heard store keep offer carry recognise recognize"
)
KNOWS: Final = _words(
    "knows has holds contains includes stores keeps offers carries recognises recognizes covers"
)
"""The same in the third person, as where it is told whether a version is there: "whether the system has v3"."""
UP_TO_DATE: Final = _words("recent current up-to-date fresh new")
"""After "how": how far what is known reaches."""
OURS: Final = _words("you we i your our the this these it")
"""Whose knowledge "how far back do … go" may ask about."""
HAVING: Final = _words("you've we've i've")
REACHING: Final = KNOWING | _words(
    "go goes reach reaches extend extends stretch covered cover covers indexed current recent answer"
)
"""What knowledge does as far as it goes."""
KNOWN: Final = _words(
    "available known indexed released published out there present installed listed existing stored recorded ingested loaded imported "
    "captured held kept catalogued cataloged"
)
HOLDER: Final = _words("you system index we i it there you're we're")
FOUND: Final = _words(
    "contained found included covered represented exist exists present something part in among here anything about familiar"
)
"""After a version, these ask whether it is there only if nothing but the place follows: "is it found in the system"."""
AT_HAND: Final = (
    _words(
        "you you've you're we we've we're i i've within us me that which to in on of by at the your our this there here is are be one record hand please all among those these them"
    )
    | KNOWING
    | KNOWN
    | STORES
)
"""What may follow where a version is said to be one of those that are known, and nothing else is asked."""
THERE: Final = KNOWING | STORES | _words("contained found included covered present there here among")
"""Of what may follow a version, these ask whether it is there."""
PUT: Final = _words("added put loaded imported entered uploaded introduced brought taken integrated")
"""Before "to the system": a version is there."""
LOOKING: Final = _words("look find search see get read access query browse open retrieve consult")
"""What one does with a version that is there: "can I look up v3 here"."""
SHOWN_UP: Final = _words("show turn pop crop")
"""Before "up": something came."""
INDEXING: Final = _words("index cover include get see find record ingest")
"""After "did you": whether a version is there."""
MATERIAL: Final = _words(
    "documentation docs document documents anything something information material any trace record copy"
)
"""In "is there documentation for v3"."""
IN_FORCE: Final = _words(
    "force effect valid effective active applicable current this it that latest newest oldest use"
)
HISTORY: Final = _words("history histories")
VARYING: Final = _words("differ differs differed vary varies varied compare compared changed change changes")
FORMER: Final = (APPEARING | DISAPPEARING | ADVERBS) - _words("new included created allowed also then")
"""What may follow the name of what it is a release of: "which release of Spark fixed it"."""
DOING: Final = (APPEAR | DISAPPEAR | _words("up")) - _words("mention include")
"""Left out as well where it is asked what somebody or something did."""
MAKING: Final = _words("made done came got")
SIDE_BY_SIDE: Final = _words("compare compared comparison versus vs")
ENUMERATING: Final = _words("list show name give enumerate display print count all every each")
QUANTITY: Final = _words("number no nr count total list overview")
"""Before "of versions": how many there are, or which, is asked."""
SORTS: Final = _words("all every available known existing different various released published other")
"""What may stand before "versions" where nothing but a name does: "all available Grafana versions"."""
NEWS: Final = _words("what which what's any all something anything everything nothing")
"""Before "new": it says what came in, and describes nothing that was there."""
SCHEMES: Final = _words("syntax prefix scheme specifier protocol")
"""After a word with a colon: the colon belongs to it, as in "the node: prefix"."""
LABELS: Final = _words("note warning hint question subject re fyi example tip caution important version")
"""Before a colon, these are no names of schemes."""
MENTION: Final = _words("mention appearance occurrence mentioning reference")

LISTING: Final = (
    _words(
        "many much number count total overview record exist exists available aware know known system please tell show list name state "
        "different various contained included held kept stored present point"
    )
    | KNOWS
    | frozenset(NOUNS)
    | frozenset(PLURALS)
    | PUBLISHING
    | REACHING
    | HAVING
    | MATERIAL
)
"""Left out of what a question for versions is about."""
TURNING: Final = ((APPEARING | DISAPPEARING | FORMS) - _words("new deprecated allowed")) | _words(
    "tell show longer since who first last started began document"
)
"""Left out of what a question for a change is about."""
