"""The menu, the status of every case, and the talk after the opinion."""

from datetime import datetime

from msgspec.structs import replace

from flows.conversation import Case, Conversation
from flows.effects import Effect, Key, Line, Option, TellReview
from flows.outcome import Outcome
from flows.question import Question
from flows.say import line, say, tap
from flows.walk import at, go_on, new_case, with_case

OPEN = ("draft", "submitting")


def question(conversation: Conversation) -> Question:
    """What the person may do now."""
    return Question(
        (line("ask.home"),),
        options(conversation),
        ("choice",),
        as_list=True,
        known=options(conversation),
    )


def options(conversation: Conversation) -> tuple[Option, ...]:
    """The rows of the menu that make sense now."""
    rows = []
    if any(case.status == "draft" for case in conversation.cases):
        rows.append(Option("continue", "button.continue"))
    if any(case.status != "draft" for case in conversation.cases):
        rows.append(Option("add_paper", "button.add_paper"))
    rows.append(Option("new_case", "button.new_case"))
    names = ("status", "human", "language", "help", "privacy", "delete_data")
    return (*rows, *(tap(name) for name in names))


def answer(conversation: Conversation, value: str, now: datetime) -> Outcome:
    """Go where the row leads."""
    match value:
        case "continue":
            return Outcome(resume(conversation, now))
        case "add_paper":
            return Outcome(at(_latest_sent(conversation), "missing", mode="choose"))
    return Outcome(go_on(new_case(conversation), now.date()), [say("home.new_case")])


def resume(conversation: Conversation, now: datetime) -> Conversation:
    """Back to the first open question of the latest draft."""
    drafts = [i for i, case in enumerate(conversation.cases) if case.status == "draft"]
    if not drafts:
        return at(conversation, "home")
    return go_on(replace(conversation, current=drafts[-1]), now.date())


def _latest_sent(conversation: Conversation) -> Conversation:
    sent = [i for i, case in enumerate(conversation.cases) if case.status != "draft"]
    return replace(conversation, current=sent[-1])


def status(conversation: Conversation) -> list[Effect]:
    """Where every case stands, and an opinion that is ready, again."""
    lines: list[Line] = []
    for case in conversation.cases:
        lines += _stands(case)
    out: list[Effect] = [say(*(lines or [line("status.no_case")]))]
    out += [opinion(case) for case in conversation.cases if case.opinion]
    return out


def _stands(case: Case) -> list[Line]:
    if case.status in OPEN:
        key = "status.draft" if case.status == "draft" else "status.submitting"
        return [line(key, number=case.number)]
    stands = Key(f"status.{case.status}")
    lines = [
        line("status.line", number=case.number, status=stands),
        line(f"status.{case.status}.line"),
    ]
    if case.wanted:
        docs = [Key(f"doc.{name}") for name in case.wanted]
        lines.append(line("records.missing", docs=docs))
    if case.talk:
        lines.append(line("talk.at", time=case.talk))
    return lines


def addressee(case: Case) -> str:
    """Whom a message that the bot starts greets."""
    return str(case.value("writer_name") or case.value("patient_name") or "")


def opinion(case: Case) -> Effect:
    """The panel's opinion with its summary; the file's name gives nothing away."""
    lines = [line("news.opinion", number=case.number)]
    if case.opinion_summary:
        lines.append(Line("", literal=case.opinion_summary))
    return say(
        *lines,
        document=case.opinion,
        document_name=f"{case.number}.pdf",
        document_mime="application/pdf",
        case=case.id,
        template="report_ready",
        template_params={"1": addressee(case), "2": case.number},
    )


def slot_question(conversation: Conversation) -> Question:
    """Which time for the talk."""
    slots = conversation.detail.get("slots", [])
    rows = tuple(Option(slot["id"], literal=slot["label"]) for slot in slots)
    none = Option("none", "button.no_time_fits")
    return Question((line("ask.slot"),), (*rows, none), ("choice",), as_list=True)


def choose_slot(conversation: Conversation, value: str) -> Outcome:
    """Tell the backend which time the person took."""
    case = conversation.case
    chosen = [s for s in conversation.detail.get("slots", []) if s["id"] == value]
    after = at(conversation, "home")
    if not chosen:
        return Outcome(after, [TellReview(case.id, "no_slot"), say("slot.none")], ask=False)
    told = TellReview(case.id, "slot", {"slot": value})
    booked = with_case(after, replace(case, talk=chosen[0]["label"]))
    return Outcome(booked, [told, say(line("slot.asked", time=chosen[0]["label"]))], ask=False)
