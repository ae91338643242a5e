"""The texts on which an export has to agree with the model: all lengths, several scripts, awkward characters."""

from __future__ import annotations

from typing import Final, Protocol

_SENTENCES: Final = (
    "Employees may carry over up to five days of annual leave until the end of March.",
    "ERR_ACCESS_DENIED (0x80070005) while opening C:\\Users\\x\\report.docx; see § 4.2.",
    "Überstunden müssen vorher genehmigt werden, außer in Notfällen.",
    "年次有給休暇は翌年度の三月末日まで繰り越すことができます。",
    "def carry_over(days: int) -> int:\n    return min(days, 5)",
    "Отпуск можно перенести до конца марта, если руководитель согласен.",
    "| Grade | Days |\n|---|---|\n| A | 30 |\n| B | 27.5 |",
    "THE WAREHOUSE CLOSES AT FIVE. Call +1 (555) 010-9999 or mail desk@example.org!",
    "يجوز ترحيل خمسة أيام من الإجازة السنوية.",
    "naïve café — “quoted”, ½ cup, 𝒻ancy 🙂 and a\ttab",
)
_SHARES: Final = (0.02, 0.04, 0.08, 0.13, 0.21, 0.34, 0.5, 0.62, 0.75, 0.88, 0.97, 1.0, 1.2, 1.7)
"""Lengths of texts, of what the model reads; the last two are cut off."""
_MOST_TOKENS: Final = 1024
"""Long enough to find a length that was frozen into a graph, also for models that read 32,000."""


class _Tokenizes(Protocol):
    def tokenize(self, text: str) -> list[str]: ...


def verification_texts(tokenizer: _Tokenizes, limit: int) -> list[str]:
    """The empty text, each sentence, and mixtures of them of many lengths up to beyond `limit` tokens."""
    sizes = [max(1, len(tokenizer.tokenize(sentence))) for sentence in _SENTENCES]
    texts = ["", "a", *_SENTENCES]
    for number, share in enumerate(_SHARES):
        wanted = share * min(limit, _MOST_TOKENS)
        words: list[str] = []
        place, filled = number, 0
        while filled < wanted:
            words.append(_SENTENCES[place % len(_SENTENCES)])
            filled += sizes[place % len(_SENTENCES)]
            place += 1
        texts.append("\n".join(words))
    return texts
