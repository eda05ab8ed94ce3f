"""A therapist's practice and its templates, as a browser without scripts uses them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from builders import a_patient, a_plan, a_therapist
from running import AppInside
from web.reading import found, parsed, words_of

TEMPLATE = {"name": "Deep work", "text-0": "Rest.", "kind-0": "custom", "hours-0": "2", "ask-feedback": "yes"}


class Two:
    """Rui and Eva, who do not know each other yet, each at a desk."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.rui_id: UUID = app.write(a_therapist, f"Rui{uuid4().hex}").id
        self.eva_id: UUID = app.write(a_therapist, f"Eva{uuid4().hex}").id
        self.rui, self.eva = app.browser_of(self.rui_id), app.browser_of(self.eva_id)

    def come_together(self) -> None:
        self.rui.post("/practice", data={"name": "By the river"})
        link = self.rui.post("/practice/invitations", data={"x": "y"}).headers["location"]
        assert self.eva.post(f"{link}/accept", data={"x": "y"}).headers["location"] == "/practice?done=joined"


@pytest.fixture
def two(standing_app: AppInside) -> Two:
    return Two(standing_app)


def page(browser: TestClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return words_of(found(parsed(answer), "main"))


def test_a_practice_is_founded_and_a_colleague_comes_in_by_the_link(two: Two) -> None:
    assert "You work alone here" in page(two.rui, "/practice")
    two.rui.post("/practice", data={"name": "By the river"})
    link = two.rui.post("/practice/invitations", data={"x": "y"}).headers["location"]
    assert "An invitation for one colleague" in page(two.rui, link)
    pasted = two.eva.post("/practice/invitation", data={"code": f"http://testserver{link}"})
    assert "invites you to By the river" in page(two.eva, pasted.headers["location"])
    two.eva.post(f"{link}/accept", data={"x": "y"})
    assert "Who belongs to it" in page(two.eva, "/practice")


def test_a_practice_without_a_name_is_refused_in_words(two: Two) -> None:
    answer = two.rui.post("/practice", data={"name": " "})
    assert answer.status_code == 422
    assert found(parsed(answer), "#name-error")


def test_who_is_removed_is_no_member_any_more(two: Two) -> None:
    two.come_together()
    two.rui.post(f"/practice/members/{two.eva_id}/end", data={"x": "y"})
    assert "removed" in page(two.rui, "/practice")
    assert "You work alone here" in page(two.eva, "/practice")


def test_a_template_for_everybody_is_changed_by_a_colleague(two: Two) -> None:
    two.come_together()
    two.rui.post("/aftercare-templates", data={**TEMPLATE, "shared": "yes"})
    (template,) = two.eva.get("/api/aftercare-templates").json()["templates"]
    path = f"/aftercare-templates/{template['id']}"
    two.eva.post(path, data={**TEMPLATE, "text-0": "Walk a little.", "based_on": "1"})
    told = page(two.rui, f"{path}/versions")
    assert "Version 2 Eva" in told
    assert told.index("Walk a little.") < told.index("Rest.")


def test_a_change_of_an_older_version_is_refused_in_words(two: Two) -> None:
    two.come_together()
    two.rui.post("/aftercare-templates", data={**TEMPLATE, "shared": "yes"})
    (template,) = two.eva.get("/api/aftercare-templates").json()["templates"]
    path = f"/aftercare-templates/{template['id']}"
    two.eva.post(path, data={**TEMPLATE, "text-0": "Walk.", "based_on": "1"})
    late = two.rui.post(path, data={**TEMPLATE, "text-0": "Swim.", "based_on": "1"})
    assert late.status_code == 409
    assert "Somebody changed this template meanwhile" in words_of(parsed(late))


def test_ones_own_template_is_shared_by_a_button(two: Two) -> None:
    two.come_together()
    two.rui.post("/aftercare-templates", data={**TEMPLATE, "shared": "no"})
    (own,) = two.rui.get("/api/aftercare-templates").json()["templates"]
    assert two.eva.get("/api/aftercare-templates").json()["templates"] == []
    two.rui.post(f"/aftercare-templates/{own['id']}/share", data={"x": "y"})
    assert [one["shared"] for one in two.eva.get("/api/aftercare-templates").json()["templates"]] == [True]


def test_the_practice_through_the_api(two: Two) -> None:
    assert two.rui.get("/api/practice").status_code == 404
    assert two.rui.post("/api/practice", json={"name": "By the river"}).status_code == 201
    invitation = two.rui.post("/api/practice/invitations").json()
    assert invitation["url"] == f"http://testserver/practice/invitations/{invitation['code']}"
    joined = two.eva.post(f"/api/practice/invitations/{invitation['code']}/accept")
    assert [one["therapist_id"] for one in joined.json()["members"]] == [str(two.rui_id), str(two.eva_id)]
    assert two.eva.delete(f"/api/practice/members/{two.rui_id}").status_code == 403
    assert two.eva.delete(f"/api/practice/members/{two.eva_id}").status_code == 204


def test_a_patient_stops_a_plan_and_takes_it_back(two: Two) -> None:
    ana = two.app.write(a_patient, f"Ana{uuid4().hex}")
    two.app.write(a_plan, ana, two.rui_id)
    phone = two.app.browser_of(ana.id)
    assert "Stop this plan" in page(phone, "/plan")
    stopped = phone.post("/plan/1/stop", data={"x": "y"}).headers["location"]
    assert "Chin tucks" not in page(phone, stopped)
    undo = found(parsed(phone.get(stopped)), "#saved form")
    phone.post(undo.attributes["action"], data={"x": "y"})
    assert "Chin tucks" in page(phone, "/plan")
    assert phone.post("/api/plan/1/stop").json()["in_force"] == []
    assert len(phone.delete("/api/plan/1/stop").json()["in_force"]) == 1
