"""Splits a text into lower-case tokens: words, numbers, marks that end a clause, emoticons and emoji.

One pass over the text, linear in its length; HTML tags and entities are dropped, typographic quotes become plain.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

MAX_CHARACTERS = 20_000
"""The longest text that is answered; a longer one is refused, not cut."""

_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,300}|!--.{0,300}?--)>", re.DOTALL)
_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": " - ", "…": "..."})
_EMOTICON = r"[<>]?[:;=8][\-o*']?[)\](\[dDpP/|\\*](?!\w)|<3|\^_\^|:'\(|\bxD\b"
_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)*"
_NUMBER = r"\d+(?:[.,]\d+)*(?:/\d+)?"
_EMOJI = r"[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2B55]"
_TOKEN = re.compile(f"({_EMOTICON})|({_WORD})|({_NUMBER})|({_EMOJI})|([.!?;:,()]+|\n\\s*\n|\\s-\\s)")
_STRETCHED = re.compile(r"(\w)\1{2,}")
# fmt: off
_BARE = (
    "dont", "doesnt", "didnt", "isnt", "wasnt", "arent", "werent", "wont", "wouldnt", "couldnt", "shouldnt", "cant",
    "havent", "hasnt", "hadnt", "aint",
)
# fmt: on
_BARE_NEGATION = {bare: f"{bare[:-1]}'t" for bare in _BARE}

WORD, MARK, SIGN, NUMBER = "word", "mark", "sign", "number"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is folded (lower case, stretched letters shortened); `shouted` says that it was in capitals."""

    text: str
    kind: str
    shouted: bool = False


def plain(text: str) -> str:
    """The text without tags, entities, links, typographic quotes, and halves of characters that no file can hold."""
    text = _LONE_SURROGATE.sub(" ", text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    if "://" in text or "www." in text or "@" in text:
        text = _LINK.sub(" ", text)
    return text.translate(_QUOTES)


def split(text: str) -> list[Token]:
    """Tokens in order. Capitals count as shouting only in a text that is not all capitals."""
    cleaned = plain(text)
    mixed = any(character.islower() for character in cleaned)
    return [_token(match, mixed) for match in _TOKEN.finditer(cleaned)]


def _token(match: re.Match[str], mixed: bool) -> Token:
    raw = match.group()
    if match.lastindex == 2:
        return Token(_fold(raw), WORD, mixed and len(raw) > 1 and raw.isupper())
    if match.lastindex == 3:
        return Token(raw, NUMBER)
    if match.lastindex == 5:
        return Token(raw.strip() or "\n", MARK)
    return Token(raw.lower(), SIGN)


def _fold(word: str) -> str:
    """'SOOOO' -> 'soo', "DONT" -> "don't": two letters are kept, as in 'good'."""
    folded = word.lower()
    folded = _STRETCHED.sub(r"\1\1", folded)
    return _BARE_NEGATION.get(folded, folded)
