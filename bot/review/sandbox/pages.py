"""The reviewers' pages: the list of cases, one case, its opinion."""

from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from bot.review import terms
from bot.review.sandbox.forms import back, text, the_case, the_desk
from bot.review.sandbox.opinion import SECTIONS, Written, pdf
from bot.review.sandbox.store import Kept
from bot.review.sandbox.view import view
from bot.review.sandbox.view_made import made, values
from flows.turnaround import ZONE

HERE = Path(__file__).parent
templates = Jinja2Templates(HERE / "templates")


async def index(request: Request) -> Response:
    """Every received case."""
    cases = [(case, view(case.bundle)) for case in the_desk(request).store.cases()]
    return _page(request, "index.html", cases=cases)


async def case(request: Request) -> Response:
    """One case with everything that can be done."""
    return case_page(request, the_case(request))


async def write(request: Request) -> Response:
    """The form of an opinion, filled as far as the case tells."""
    return _opinion_page(request, the_case(request), {})


async def give(request: Request) -> Response:
    """Take a written opinion, sign and send it."""
    kept, form = the_case(request), await request.form()
    told = {name: text(form, name, 20_000) for name in (*SECTIONS, "summary")}
    told |= {name: text(form, name, 120) for name in ("doctor", "degree", "registration")}
    needed = ("findings", "diagnosis", "options", "answers", "next", "doctor", "registration")
    if not all(told[name] for name in needed):
        return _opinion_page(request, kept, told, "Please fill in every section that is marked.")
    sections = {name: told[name] for name in SECTIONS}
    who = {name: told[name] for name in ("doctor", "degree", "registration", "summary")}
    desk, written = the_desk(request), Written(sections=sections, **who)
    paper = await run_in_threadpool(pdf, written, kept.number, desk.now())
    async with desk.lock:
        desk.give(the_case(request), written, paper)
    return back(request, kept)


def case_page(request: Request, kept: Kept, wrong: str = "") -> Response:
    """The page of a case, with what is wrong in a form of it."""
    seen, found, store = view(kept.bundle), made(kept.bundle, kept.told), the_desk(request).store
    slots = [(slot, _day(slot["start"])) for slot in kept.slots]
    chosen = next((slot["start"][:16] for slot in kept.slots if slot["slot"] == kept.chosen), "")
    return _page(
        request,
        "case.html",
        wrong=wrong,
        case=kept,
        view=seen,
        made=found,
        read=values(store.document(found.facts.sha256)) if found.facts else [],
        slots=slots,
        chosen=chosen,
        talk=_day(kept.talk) if kept.talk else "",
        statuses=terms.words("statuses"),
        papers=terms.words("papers"),
    )


def _opinion_page(request: Request, kept: Kept, told: dict[str, str], wrong: str = "") -> Response:
    seen = view(kept.bundle)
    papers = [one for rows in seen.documents.values() for one in rows]
    start = {
        "reviewed": "\n".join(f"{one.title} ({one.date})" for one in papers),
        "answers": "\n\n".join(f"{n}. {one}\n" for n, one in enumerate(seen.questions, 1)),
    }
    fields = {name: title for name, title in SECTIONS.items() if name != "experts"}
    return _page(
        request, "opinion.html", case=kept, view=seen, fields=fields, told=start | told, wrong=wrong
    )


def _page(request: Request, name: str, **told: Any) -> Response:
    desk = the_desk(request)
    shown = {"root": request.scope.get("root_path", ""), "words": terms.word, "day": _day}
    unsent = len(desk.outbox.waiting())
    status = 422 if told.get("wrong") else 200
    return templates.TemplateResponse(
        request, name, {**shown, **told, "unsent": unsent}, status_code=status
    )


def _day(iso: str) -> str:
    """A day or moment as people read it; what is no date is shown as it came."""
    try:
        moment = datetime.fromisoformat(f"{iso}-01" if len(iso) == 7 else iso)
    except ValueError:
        return iso
    if len(iso) == 7:
        return f"{moment:%b %Y}"
    if len(iso) <= 10:
        return f"{moment:%d %b %Y}"
    return f"{moment.astimezone(ZONE):%d %b %Y, %H:%M}"
