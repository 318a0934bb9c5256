"""What a request to the sandbox holds: its desk, its case, its fields."""

from datetime import datetime

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.review.sandbox.desk import Desk
from bot.review.sandbox.store import Kept
from flows.turnaround import ZONE


def back(request: Request, kept: Kept) -> Response:
    """To the case's page."""
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/cases/{kept.number}", status_code=303)


def the_case(request: Request) -> Kept:
    """The case that the address names."""
    kept = the_desk(request).store.case(request.path_params["number"])
    if kept is None:
        raise HTTPException(404)
    return kept


def the_desk(request: Request) -> Desk:
    """The desk of this app."""
    desk: Desk = request.app.state.desk
    return desk


def text(form: FormData, name: str, longest: int = 80) -> str:
    """A field of a form, cut where it is too long."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").strip()[:longest] if isinstance(value, str) else ""


def moment(form: FormData, name: str) -> datetime | None:
    """A time of India from a form; None when there is none."""
    try:
        return datetime.fromisoformat(text(form, name)).replace(tzinfo=ZONE)
    except ValueError:
        return None
