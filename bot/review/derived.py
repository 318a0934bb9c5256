"""What Saathi makes of the originals for the experts, and uploads beside them."""

from msgspec import Struct


class Derived(Struct, frozen=True):
    """One made file, kept in the document store under its content hash.

    `role` is dossier, combined (one document of the checklist: `slot`), summary (to read) or
    facts (the same for machines). `sources` are the originals in it: slot and content hash.
    """

    role: str
    document: str
    mime: str
    size: int
    pages: int = 0
    slot: str = ""
    sources: tuple[tuple[str, str], ...] = ()

    @property
    def unverified(self) -> bool:
        """Whether a machine read what is in it, and nobody has looked."""
        return self.role in ("summary", "facts")
