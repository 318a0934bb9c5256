"""What reading a file comes to; loads no library that reads."""

from msgspec import Struct

from nlu.report.page import Text

# Who reads elsewhere than in the process that opens the file.
OUTSIDE = "textract"
# In place of the engine's name: the picture of this page was put aside, to be read elsewhere.
ASIDE = "aside"


class About(Struct, frozen=True):
    """What is suggested about a paper; see `DocumentRead`."""

    kind: str = ""
    sure: float = 0.0
    patient: str = ""
    dated: str = ""
    number: int = 0


class Read(Struct, frozen=True):
    """What came of a file.

    With `has_view` the first file made is the page mended; the pictures of the pages that are
    `unread` follow.
    """

    text: Text = Text()
    about: About = About()
    has_view: bool = False

    @property
    def unread(self) -> tuple[int, ...]:
        """The pages (from 0) that are to be read elsewhere."""
        return tuple(n for n, page in enumerate(self.text.pages) if page.engine == ASIDE)
