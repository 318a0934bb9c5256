"""Every question can be asked in every language and voice, within what a chat can show."""

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from bot.render import render
from bot.translations import catalogs
from bot.translations.faults import problems
from bot.wording import Wording
from flows import checklist
from flows.conversation import Conversation
from flows.data import LANGUAGES, table
from flows.effects import Line, Option, Say, Voice
from flows.question import as_say
from flows.steps import steps
from flows.talks import TALKS, question
from flows.walk import new_case
from nlu import parse_context, understand
from nlu.meaning import Unclear
from tests.talk import ALWAYS, ASHA, START, WHATSAPP

VOICES = [Voice(code, neutral, to_self) for code in LANGUAGES for neutral, to_self in
          ((False, False), (True, False), (False, True))]  # fmt: skip
# What must not be said where the patient does not know: illness and treatment words.
TELLING = re.compile(
    r"cancer|tumou?r|chemo|biops|oncolog|leuk|lymphoma|myeloma|melanoma|carcinoma|palliative"
    r"|कैंसर|ट्यूमर|कीमो|बायोप्सी|ल्यूकेमिया|लिम्फोमा|मायलोमा"
    r"|ক্যান্সার|ক্যানসার|টিউমার|কেমো|বায়োপসি|লিউকেমিয়া|লিম্ফোমা|মায়েলোমা"
    r"|క్యాన్సర్|కేన్సర్|ట్యూమర్|కీమో|బయాప్సీ|లుకేమియా|లింఫోమా|మైలోమా"
    r"|कॅन्सर|कर्करोग|केमो|किमो|ल्युकेमिया|ल्युकिमिया"
    r"|புற்றுநோய்|கேன்சர்|கீமோ|பயாப்ஸி|பயாப்சி|லிம்போமா|லுகேமியா|மைலோமா"
    r"|કેન્સર|ટ્યૂમર|કીમો|બાયોપ્સી|લ્યુકેમિયા|લિમ્ફોમા|માયલોમા"
    r"|کینسر|ٹیومر|کیمو|بائیوپسی|لیوکیمیا|لمفوما|مائیلوما"
    r"|ಕ್ಯಾನ್ಸರ್|ಟ್ಯೂಮರ್|ಗೆಡ್ಡೆ|ಕೀಮೋ|ಬಯಾಪ್ಸಿ|ಲುಕೇಮಿಯಾ|ಲಿಂಫೋಮಾ|ಮೈಲೋಮಾ"
    r"|କ୍ୟାନସର|କ୍ୟାନ୍ସର|କର୍କଟ|ଟ୍ୟୁମର|କେମୋ|ବାୟୋପ୍ସି|ଲିମ୍ଫୋମା"
    r"|കാൻസർ|ക്യാൻസർ|അർബുദ|ട്യൂമർ|കീമോ|ബയോപ്സി|ലിംഫോമ|ലുക്കീമിയ|മൈലോമ"
    r"|ਕੈਂਸਰ|ਟਿਊਮਰ|ਕੀਮੋ|ਬਾਇਓਪਸੀ|ਲਿੰਫੋਮਾ|ਲਿਊਕੇਮੀਆ|ਮਾਇਲੋਮਾ"
    r"|কেঞ্চাৰ|কেন্সাৰ|কৰ্কট|টিউমাৰ|কেম'|বায়প্সি|বায়পছি|লিম্ফ'মা|লিউকেমিয়া",
    re.IGNORECASE,
)


def asked() -> Iterator[Say]:
    """Every question of the dialogue, with all that may be shown in it."""
    fresh = new_case(Conversation("c1", ASHA, "seed", language="en"))
    for name in (*steps(), *TALKS):
        at = replace(fresh, step=name, detail={"treatment": "chemo"})
        yield as_say(question(at, START.date()), name)
    for page in ("other", "blood"):
        rows = checklist.menu(fresh.case, page)
        yield Say((), tuple(Option(row, f"case_type.{row}") for row in rows), as_list=True)
    papers = tuple(Option(name, f"doc.{name}") for name in checklist.documents())
    yield Say((), papers, as_list=True)
    for name in steps():
        yield Say((Line(f"why.{name}"), Line(f"label.{name}")))


ASKED = list(asked())


@pytest.mark.parametrize("voice", VOICES, ids=lambda v: f"{v.language}-{v.neutral}-{v.to_self}")
def test_every_question_fits_a_phone(voice: Voice) -> None:
    wording = Wording(ALWAYS)
    for say in ASKED:
        spoken = Say(say.lines, say.options, voice, as_list=say.as_list)
        reply = render(wording, spoken, WHATSAPP)
        assert len(reply.buttons) <= (10 if reply.as_list else 3), reply
        longest = 24 if reply.as_list else 20
        assert [b.title for b in reply.buttons if len(b.title) > longest] == []
        assert "{" not in reply.text


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_illness_is_never_named_where_the_patient_does_not_know(language: str) -> None:
    wording = Wording(ALWAYS)
    for say in ASKED:
        neutral = Say(say.lines, say.options, Voice(language, neutral=True), as_list=say.as_list)
        for page in range(4):
            paged = Say(neutral.lines, neutral.options, neutral.voice, page=page)
            reply = render(wording, paged, WHATSAPP)
            words = " ".join((reply.text, *(b.title + b.about for b in reply.buttons)))
            assert not TELLING.search(words), words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_has_no_faults(language: str) -> None:
    assert list(problems(language)) == []


def test_every_status_template_card_and_notice_line_has_words() -> None:
    wording, voice = Wording(ALWAYS), Voice("en")
    keys = [f"status.{row['id']}" for row in table("service")["statuses"]]
    keys += [f"{key}.line" for key in list(keys)]
    keys += [
        f"card.{name}.{part}" for name in table("safety")["cards"] for part in ("title", "text")
    ]
    keys += [f"notice.{name}" for name in table("safety")["notice"]["lines"]]
    keys += [f"template.{row['id']}" for row in table("service")["templates"]]
    for key in keys:
        assert wording.text(key, {}, voice)


QUOTED = re.compile('["“”]([^"“”{}]+)["“”]')
# Where a text may tell people to type something.
TYPED = ("none", "yesno", "documents", "choice:stage1,unknown", "choice:surgery,none")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_we_tell_people_to_type_are_understood(language: str) -> None:
    texts = catalogs.words(catalogs.read(language))
    told = {q for forms in texts.values() for text in forms for q in QUOTED.findall(text)}
    dumb = {
        word
        for word in told
        if all(
            understand(word, parse_context(context), language, START.date()) == Unclear()
            for context in TYPED
        )
    }
    assert not dumb
    assert told or not catalogs.status()[language]["complete"]
