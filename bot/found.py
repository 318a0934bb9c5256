"""What a look at a file comes to, and which files it takes; loads no library that opens them."""

from msgspec import Struct

from storage.documents_mime import OFFICE, ZIP

PDF, DICOM = "application/pdf", "application/dicom"
WORD = f"{OFFICE}.wordprocessingml.document"
# Files of which pieces are enough.
IN_PARTS = (PDF, DICOM, ZIP)
MOST_BYTES = 40_000_000


class Found(Struct, frozen=True):
    """What the look found; see `DocumentKept` for the words."""

    verdict: str
    reason: str = ""
    pages: int = 1
    measures: dict[str, float] = {}
    likeness: str = ""
    about: dict[str, str] = {}
