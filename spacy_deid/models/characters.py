"""Which pieces any Latin-script text may need, whatever its words."""

import unicodedata

SPACE = "▁"  # what pieces write for a space
LAST_LATIN_LETTER = "ɏ"  # U+024F, end of the block Latin Extended-B
TYPOGRAPHY = frozenset("‐‑‒–—―‘’‚“”„†‡•…‰′″‹›€™−≤≥≈≠±→←↑↓≃√∞µΩαβγδΔκλμσ")


def is_western(character: str) -> bool:
    """Whether Latin-script notes use the character: basic to extended Latin, typography, units and dose signs."""
    return character <= LAST_LATIN_LETTER or character in TYPOGRAPHY or character == SPACE


def is_basic(piece: str, longest: int) -> bool:
    """Whether to keep a piece that no word asks for.

    Every western character alone (so that no word falls out of the vocabulary), and every piece of at most
    ``longest`` western characters without letters: numbers, punctuation. Spaces (▁) do not count.
    """
    bare = piece.replace(SPACE, "")
    if not all(is_western(character) for character in bare):
        return False
    if len(piece) == 1:
        return True
    return len(bare) <= longest and not any(unicodedata.category(character)[0] in "LM" for character in bare)
