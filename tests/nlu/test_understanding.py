"""What is understood, what is asked again, in tables that people can read."""

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu import (
    alarm,
    extract,
    language_of,
    parse_context,
    place,
    prepare,
    redact,
    understand,
)
from nlu.data import HERE, load, section
from nlu.index import Phrases, Stems
from nlu.meaning import Answer, Command, Unclear
from nlu.normalise import normalise
from nlu.reader import READERS
from nlu.spelling import Speller

TODAY = date(2026, 11, 24)
LANGUAGES = list(load("lexicon.yml")["languages"])

ANSWERS = [
    # text, language, context, value
    ("yes", "en", "consent", "yes"),
    ("जी हाँ", "hi", "consent", "yes"),
    ("haan ji", "hi", "consent", "yes"),
    ("no objection", "en", "yesno", "yes"),
    ("no problem", "en", "yesno", "yes"),
    ("not yet", "en", "yesno", "no"),
    ("nahi", "hi", "consent", "no"),
    ("हमरा नाम फूलमती बा", "hi", "name", "फूलमती"),
    ("naam h Mohammad Irfan", "hi", "name", "Mohammad Irfan"),
    ("என் பெயர் மீனாட்சி", "ta", "name", "மீனாட்சி"),
    ("amar nam Sabita Das", "bn", "name", "Sabita Das"),
    ("हम लोग गोरखपुर में रहते हैं", "hi", "city", "गोरखपुर"),
    ("abhi hum Jabalpur me rehte h", "hi", "city", "Jabalpur"),
    ("Namdev Patil", "mr", "name", "Namdev Patil"),
    ("Bathinda, Punjab", "pa", "city", "Bathinda, Punjab"),
    ("unki age hai 38 aur wo kheti karte hai", "hi", "age", 38),
    ("पिताजी की उमर अभी ६३ चल रही है", "hi", "age", 63),
    ("আমরা থাকি বর্ধমানে", "bn", "city", "বর্ধমান"),
    ("விஜயவாடா", "ta", "city", "விஜயவாடா"),
    ("I stay at Coimbatore with my son", "en", "city", "Coimbatore"),
    ("फेफड़े से शुरू हुआ, अब दिमाग तक फैल गया", "hi", "cancer_type", "lung"),
    ("liver e na, pancreas e tumor", "bn", "cancer_type", "pancreas"),
    ("not breast, lung", "en", "cancer_type", "lung"),
    ("वीडियो नहीं चलता, सादा फोन पर", "hi", "choice:video,phone", "phone"),
    ("चौथा वाला", "hi", "choice:self,parent,spouse,child", "child"),
    ("kemo laga, opreshan nahi hua", "hi", "choices:surgery,chemo,radiation,none", ["chemo"]),
    ("I have read everything and I give my permission", "en", "consent", "yes"),
    ("अभी तक तो नहीं कराया", "hi", "yesno", "no"),
    ("haan ji done alredy", "en", "yesno", "yes"),
    ("nine four four seven, double zero, one two three four", "en", "phone", "+919447001234"),
    ("untees baras", "hi", "age", 29),
    ("యాభై నాలుగేళ్ళు", "te", "age", 54),
    ("बिटिया ढाई साल की है अभी", "hi", "age", 2),
    ("baby is 8 mnths old ji", "en", "age", 0),
    ("তিন কুড়ি দশ, মানে সত্তর বছর", "bn", "age", 70),
    ("2 saal pehle operation hua, umar 58", "hi", "age", 58),
    ("45 nahi 54, galti se likh diya", "hi", "age", 54),
    ("last year she had severe bleeding but now okay, 67", "en", "age", 67),
    ("We came to know 3 months ago", "en", "date", "2026-08"),
    ("2023 में पता लगा था, महीना याद नहीं", "hi", "date", "2023"),
    ("september do hazar chaubees", "hi", "date", "2024-09"),
    ("তিন কুড়ি চার", "bn", "age", 64),
    ("ਤਿੰਨ ਵੀਹਾਂ ਪੰਜ", "pa", "age", 65),
    ("61, I had typed 16 by mistake", "en", "age", 61),
    ("62 completed, 63 running", "en", "age", 62),
    ("52 noy 25", "bn", "age", 25),
    ("যোৱা মাহৰ আঠ তাৰিখে", "as", "date", "2026-10-08"),
    ("গত মাসের আট তারিখে", "bn", "date", "2026-10-08"),
    ("11th of last month", "en", "date", "2026-10-11"),
    ("agle mahine ki 7 tarikh ko", "hi", "future_date", "2026-12-07"),
    ("lump was first in the breast, now it is in the bones", "en", "cancer_type", "breast"),
    ("pehle se nahi, lung se shuru hua phir brain mein gaya", "hi", "cancer_type", "lung"),
    ("kidney ka, khana nahi kha pate", "hi", "cancer_type", "kidney"),
    ("इसमें हमें क्या एतराज", "hi", "consent", "yes"),
    ("எங்களுக்கு எந்த தடங்கலும் கெடையாது", "ta", "consent", "yes"),
    ("54", "en", "age", 54),
    ("४५", "hi", "age", 45),
    ("৪৫", "bn", "age", 45),
    ("45 saal", "hi", "age", 45),
    ("fifty four", "en", "age", 54),
    ("पैंतालीस", "hi", "age", 45),
    ("5 months", "en", "age", 0),
    ("45 not 54", "en", "age", 45),
    ("12/03/1966", "en", "date", "1966-03-12"),
    ("Sep 2026", "en", "date", "2026-09"),
    ("मार्च 2023", "hi", "date", "2023-03"),
    ("पिछले महीने", "hi", "date", "2026-10"),
    ("last month", "en", "date", "2026-10"),
    ("3 mahine pehle", "hi", "date", "2026-08"),
    ("2025", "en", "date", "2025"),
    ("98765 43210", "en", "phone", "+919876543210"),
    ("+91 90000 00002", "en", "phone", "+919000000002"),
    ("Prostate", "en", "cancer_type", "prostate"),
    ("छाती में गांठ", "hi", "cancer_type", "breast"),
    ("bachedani ke muh ka cancer", "hi", "cancer_type", "cervix"),
    ("muh ka cancer", "hi", "cancer_type", "mouth"),
    ("female", "en", "sex", "female"),
    ("महिला", "hi", "sex", "female"),
    ("done", "en", "documents", "done"),
    ("हो गया", "hi", "documents", "done"),
    ("baad me bhejunga", "hi", "documents", "later"),
    ("1", "en", "choice:self,parent,spouse", "self"),
    ("२", "hi", "choice:self,parent,spouse", "parent"),
    ("meri maa", "hi", "choice:self,parent,spouse", "parent"),
    ("Mr Arvind Sharma", "en", "name", "Arvind Sharma"),
    ("मेरा नाम राहुल कुमार है", "hi", "name", "राहुल कुमार"),
    ("She had fits last year", "en", "free_text", "She had fits last year"),
    ("stop the chemo or not?", "en", "free_text", "stop the chemo or not?"),
]

COMMANDS = [
    ("menu", "en", "menu"),
    ("पीछे", "hi", "back"),
    ("repeat please", "en", "repeat"),
    ("skip", "en", "skip"),
    ("why do you ask", "en", "why"),
    ("I want to talk to a real person", "en", "human"),
    ("mujhe kisi insaan se baat karni hai", "hi", "human"),
    ("pls call me", "en", "human"),
    ("tamil please", "en", "language"),
    ("हिंदी में", "hi", "language"),
    ("stop", "en", "stop"),
    ("please delete all my data", "en", "delete_data"),
    ("मेरा डेटा मिटाओ", "hi", "delete_data"),
    ("status", "en", "status"),
    ("how much does it cost", "en", "cost"),
    ("my father cannot breathe", "en", "emergency"),
    ("saans nahi aa rahi", "hi", "emergency"),
    ("मरना चाहता हूँ", "hi", "crisis"),
    ("I want to die", "en", "crisis"),
    ("heavy bleeding since last year, now very bad", "en", "emergency"),
]

ASKED_AGAIN = [
    ("people drink urine for this", "en", "cancer_type"),
    ("തൊണ്ടയിലോ വയറ്റിലോ ആണ്", "ml", "cancer_type"),
    ("ફેફસાં કે લીવર, બેમાંથી એક", "gu", "cancer_type"),
    ("kindly wait for some time", "en", "cancer_type"),
    ("நஹி", "ta", "none"),
    ("if my brother has no objection", "en", "consent"),
    ("দাদার আপত্তি না থাকলে", "bn", "consent"),
    ("अगर भाई को एतराज न हो तो", "hi", "consent"),
    ("last month 2 times", "en", "date"),
    ("पिछले महीने तीन बार", "hi", "date"),
    ("maybe", "en", "consent"),
    ("I don't know", "en", "consent"),
    ("yes if it is free?", "en", "consent"),
    ("pata nahi", "hi", "consent"),
    ("between 50 and 60", "en", "age"),
    ("45 or 54", "en", "age"),
    ("150", "en", "age"),
    ("31/02/1961", "en", "date"),
    ("15/03/2031", "en", "date"),
    ("around diwali", "en", "date"),
    ("March", "en", "date"),
    ("cancer", "en", "cancer_type"),
    ("breast or lung", "en", "cancer_type"),
    ("not lung", "en", "cancer_type"),
    ("spread from breast to bone", "en", "cancer_type"),
    ("aurat nahi", "hi", "sex"),
    ("ok but not his name", "en", "consent"),
    ("yes only to doctor", "en", "consent"),
    ("show to doctor", "en", "consent"),
    ("yes but later", "en", "yesno"),
    ("He is very old, we do not know exact age", "en", "age"),
    ("she has 2 children", "en", "age"),
    ("pain started 30 days ago", "en", "age"),
    ("నాలుగు వందల ఏళ్ళు", "te", "age"),
    ("दोनशे दहा वर्षं", "mr", "age"),
    ("अरे छोड़िए, गाय ने बछड़ा दिया है आज", "hi", "date"),
    ("12 34", "en", "phone"),
    ("asdf qwer", "en", "choice:self,parent"),
    ("12345", "en", "name"),
    ("7", "en", "choice:self,parent"),
    ("", "en", "yesno"),
    ("🙏", "hi", "age"),
]


@pytest.mark.parametrize(("text", "lang", "context", "value"), ANSWERS, ids=lambda v: str(v)[:30])
def test_answers(text: str, lang: str, context: str, value: Any) -> None:
    found = understand(text, parse_context(context), lang, TODAY)
    assert isinstance(found, Answer)
    assert found.value == value


@pytest.mark.parametrize(("text", "lang", "name"), COMMANDS, ids=lambda v: str(v)[:30])
@pytest.mark.parametrize("context", ["none", "age", "name", "choice:self,parent"])
def test_commands_stand_above_every_question(text: str, lang: str, name: str, context: str) -> None:
    found = understand(text, parse_context(context), lang, TODAY)
    assert isinstance(found, Command)
    assert found.name == name


@pytest.mark.parametrize(("text", "lang", "context"), ASKED_AGAIN, ids=lambda v: str(v)[:30])
def test_what_is_not_sure_is_asked_again(text: str, lang: str, context: str) -> None:
    found = understand(text, parse_context(context), lang, TODAY)
    assert not isinstance(found, Answer), found


FLAGS = [
    (flag["id"], lang, word)
    for flag in load("redflags.yml")["red_flags"]
    for lang, entry in flag["phrases"].items()
    for word in (entry["w"] if isinstance(entry, dict) else entry)
]


@pytest.mark.parametrize(("flag", "lang", "word"), FLAGS)
def test_every_red_flag_is_seen_in_every_chat(flag: str, lang: str, word: str) -> None:
    for text in (word, f"{word}!", f"help {word} now"):
        found = alarm(text)
        assert found, text
    assert understand(word, parse_context("age"), "en", TODAY) != Unclear()


PATTERNS = [entry for entry in load("redflags.yml")["never_collect"] if entry["pattern"]]


@pytest.mark.parametrize("entry", PATTERNS, ids=lambda entry: entry["id"])
def test_numbers_that_are_never_kept(entry: dict[str, Any]) -> None:
    for text in entry["hit"] if not entry.get("soft") else []:
        masked, kinds = redact(text)
        assert entry["id"] in kinds
        assert not set("23456789") & set(masked)
    for text in entry["miss"]:
        assert entry["id"] not in redact(text)[1]


LEXICON = [
    test for test in load("lexicon.yml")["tests"] if test["section"] == "cancers"
]  # fmt: skip
SAME = {"oral": "mouth", "blood": "leukaemia"}


@pytest.mark.parametrize("test", LEXICON, ids=lambda test: test["text"])
def test_the_longest_name_of_a_cancer_wins(test: dict[str, str]) -> None:
    found = understand(test["text"], parse_context("cancer_type"), test["lang"], TODAY)
    assert found == Answer(SAME.get(test["is"], test["is"]), "cancer_type")


def test_a_first_message_says_much() -> None:
    told = {"writer_relation": "parent", "sex": "female", "age": 54, "city": "Pune"}
    english = extract("my mother, 54, breast cancer, Pune", "en", TODAY)
    roman = extract("meri maa ko breast cancer hai, umar 54, Pune se", "hi", TODAY)
    assert english == {**told, "cancer_type": "breast"}
    assert roman == {**told, "cancer_type": "breast"}
    assert extract("hello", "en", TODAY) == {}


def test_places() -> None:
    assert place("गया जिला, बिहार") == {"text": "गया जिला, बिहार", "city": "Gaya", "state": "Bihar"}
    assert place("Mumbai, Maharashtra")["state"] == "Maharashtra"
    assert place("a small village")["city"] == ""


SCRIPTS = [("मेरी माँ को", "hi"), ("আমার মা", "bn"), ("என் அம்மா", "ta"), ("میری ماں", "ur"), ("54", "")]


@pytest.mark.parametrize(("text", "code"), SCRIPTS)
def test_the_language_of_a_script(text: str, code: str) -> None:
    assert language_of(text) == code


CONTEXTS = st.sampled_from(
    "none yesno consent choice:self,parent choices:surgery,chemo,done name city place age date"
    " future_date phone cancer_type documents free_text sex".split()
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), CONTEXTS, st.sampled_from(LANGUAGES))
@example("❶", "none", "en")
@example("② days ago", "date", "hi")
def test_nothing_makes_it_fail(text: str, context: str, lang: str) -> None:
    understand(text, parse_context(context), lang, TODAY)
    redact(text)
    extract(text, lang, TODAY)


YES = {word for words in section("answers")["yes"].values() for word in words}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abcdefghij klmnoprstuvy हाँनजी?!", max_size=40))
def test_consent_is_never_guessed(text: str) -> None:
    if understand(text, parse_context("consent"), "hi", TODAY) == Answer("yes", "consent"):
        words = normalise(text)
        assert any(said in words for said in YES), text


CASES = sorted((HERE.parent / "tests" / "cases").glob("*.yml"))
KINDS = {
    "writer_name": "name", "patient_name": "name", "age_or_birth": "age", "callback_phone": "phone",
    "consent_data": "consent", "consent_panel": "consent", "consent_chat": "consent",
    "adult_writer": "yesno", "cost_time_ok": "yesno", "diagnosis_date": "date",
    "case_type": "cancer_type", "place": "place", "sex": "sex",
}  # fmt: skip


def said() -> list[Any]:
    """Every plain saying of the two fictional cases, with its field."""
    rows = []
    for file in CASES:
        story = yaml.safe_load(file.read_text(encoding="utf-8"))
        for entry in story["answers"]:
            text = entry["say"]
            if isinstance(text, str) and entry["field"] in KINDS and not text.startswith("button:"):
                rows.append(
                    pytest.param(story["language"], entry, id=f"{file.stem}-{entry['field']}")
                )
    return rows


@pytest.mark.parametrize(("lang", "entry"), said())
def test_the_two_cases_are_understood(lang: str, entry: dict[str, Any]) -> None:
    kind = KINDS[entry["field"]]
    text = entry["say"]
    found = understand(text, parse_context(kind), lang, TODAY)
    if kind == "age" and not isinstance(found, Answer):
        found = understand(text, parse_context("date"), lang, TODAY)
    assert isinstance(found, Answer), found
    assert _same(found.value, entry["value"])


def _same(found: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return bool(found == "yes") == value
    if isinstance(value, dict) and "text" in value:
        return bool(found["text"] == value["text"] and found["state"] == value["state"])
    if isinstance(value, dict):
        return found in (value.get("age_years"), value.get("birth_date"))
    return bool(found == value)


def test_what_is_prepared_needs_no_more_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    def built(*_: object) -> None:
        raise AssertionError("a table was built while a person waits")

    prepare("ta")
    for table in (Phrases, Stems, Speller):
        monkeypatch.setattr(table, "__init__", built)
    for kind in READERS:
        understand("என் அம்மா, 54, vanakkam", parse_context(f"{kind}:yes,no"), "ta", TODAY)
    extract("என் அம்மா, 54, breast cancer", "ta", TODAY)
