"""The forms of a case page: each does one thing to the case, or says what is wrong."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.review import terms
from bot.review.sandbox.desk import Desk
from bot.review.sandbox.forms import back, moment, text, the_case, the_desk
from bot.review.sandbox.pages import case_page
from bot.review.sandbox.store import Kept

Act = Callable[[Desk, Kept, FormData], str]


def act(do: Act) -> Callable[[Request], Awaitable[Response]]:
    """A form of the case page: do it and show the case, or say what is wrong."""

    async def handle(request: Request) -> Response:
        form = await request.form()
        async with the_desk(request).lock:
            kept = the_case(request)
            wrong = do(the_desk(request), kept, form)
        return case_page(request, kept, wrong) if wrong else back(request, kept)

    return handle


def move(desk: Desk, kept: Kept, form: FormData) -> str:
    """Give the case another status."""
    status = text(form, "status")
    if status not in terms.statuses():
        return "Please choose one of the statuses."
    desk.move(kept, status)
    return ""


def ask(desk: Desk, kept: Kept, form: FormData) -> str:
    """Ask for a missing record."""
    document = text(form, "document")
    if document not in terms.words("papers"):
        return "Please choose a document."
    desk.ask(kept, document, text(form, "note", 500))
    return ""


def offer(desk: Desk, kept: Kept, form: FormData) -> str:
    """Offer times for the talk."""
    starts = [moment(form, name) for name in ("first", "second", "third")]
    found = sorted({start for start in starts if start})
    if not found:
        return "Please give at least one time."
    desk.offer(kept, found)
    return ""


def book(desk: Desk, kept: Kept, form: FormData) -> str:
    """Book the talk."""
    start, link = moment(form, "start"), text(form, "link", 500)
    if not start:
        return "Please give the time of the talk."
    if link and not link.startswith("https://"):
        return "The link must begin with https://"
    desk.book(kept, start, link)
    return ""
