"""While an agent holds the chat: words, files, and the question again afterwards."""

from flows.effects import Say
from flows.messages import AgentLeft, AgentTook, AgentWrote
from tests.talk import ASHA, Talk


def test_an_agents_file_goes_out_without_words() -> None:
    talk = Talk()
    talk.say("hello")
    talk.tap("English")
    talk.update(AgentTook("took", ASHA, "agent-1", "Meera"))
    file = {"document": "d0" * 32, "name": "form.pdf", "mime": "application/pdf"}
    (shown,) = talk.update(AgentWrote("wrote", ASHA, "agent-1", **file))
    assert shown.text == ""
    sent = talk.effects[-1]
    assert isinstance(sent, Say)
    assert (sent.document, sent.document_name) == (file["document"], "form.pdf")


def test_after_the_hand_back_the_question_comes_again() -> None:
    talk = Talk()
    talk.say("hello")
    talk.tap("English")
    asked = talk.replies[-1].text.splitlines()[-1]
    talk.update(AgentTook("took", ASHA, "agent-1", "Meera"))
    assert talk.say("Is somebody there?") == []
    (back,) = talk.update(AgentLeft("left", ASHA, "agent-1"))
    assert asked in back.text
