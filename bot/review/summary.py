"""One page of plain text about a case, for the person who takes a chat over."""

from collections.abc import Iterator
from datetime import datetime

from bot.review import terms
from bot.review.fhir_answers import told
from flows.conversation import Case, Conversation


def summary(conversation: Conversation, case: Case, now: datetime) -> str:
    """What was answered, sent and left out, in English, section by section."""
    return "\n".join(_lines(conversation, case, now))


def _lines(conversation: Conversation, case: Case, now: datetime) -> Iterator[str]:
    status = terms.word("statuses", case.status)
    language = conversation.language or "en"
    yield f"Case {case.number} - {status} - language {language} - {now:%d %b %Y}"
    for name, title in terms.words("sections").items():
        if rows := list(_answers(case, name)):
            yield from ("", title, *rows)
    if case.papers:
        yield from ("", "Documents", *_papers(case))
    if case.waivers:
        yield from ("", "Not available", *_waivers(case))


def _answers(case: Case, section: str) -> Iterator[str]:
    for name, row in terms.words("fields").items():
        if row["section"] == section and name in case.answers:
            yield f"- {row['text']}: {told(name, case.answers[name])}"


def _papers(case: Case) -> Iterator[str]:
    for slot, papers in case.papers.items():
        pages = sum(paper.pages for paper in papers)
        yield f"- {terms.word('papers', slot)}: {pages} page{'s' if pages != 1 else ''}"


def _waivers(case: Case) -> Iterator[str]:
    for slot, why in case.waivers.items():
        yield f"- {terms.word('papers', slot)}: {terms.word('waivers', why)}"
