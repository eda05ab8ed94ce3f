from __future__ import annotations

import shutil
from pathlib import Path

from app.settings import Settings
from app.web.api_docs import kind_in_words
from running import AppInside, running
from web.reading import found, parsed, words_of


def test_every_path_of_the_document_is_on_the_page(standing_app: AppInside) -> None:
    document = standing_app.nobody.get("/api/openapi.json").json()
    page = words_of(parsed(standing_app.nobody.get("/api/docs")))
    assert [path for path in document["paths"] if path not in page] == []


def test_an_operation_names_its_body_and_its_answers(standing_app: AppInside) -> None:
    page = parsed(standing_app.nobody.get("/api/docs"))
    operation = words_of(found(page, "#post-api-accounts"))
    assert "password text of 10 to 256 characters" in operation
    assert "role “patient” or “therapist”" in operation
    assert "201 Me" in operation


def test_the_page_brings_no_script_of_others(standing_app: AppInside) -> None:
    page = parsed(standing_app.nobody.get("/api/docs"))
    sources = [script.attributes["src"] for script in page.css("script")]
    assert [source for source in sources if not source.startswith("/static/")] == []


def test_production_shows_no_docs(migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "aftercare.sqlite3")
    settings = Settings(data=tmp_path, environment="production", public_url="https://aftercare.example")
    with running(settings) as app:
        assert app.nobody.get("/api/docs").status_code == 404
        assert app.nobody.get("/api/openapi.json").status_code == 404


def test_what_a_value_may_be_is_said_in_words() -> None:
    document = {"components": {"schemas": {"Side": {"enum": ["left", "right"]}, "Day": {"type": "object"}}}}
    assert kind_in_words(document, {"$ref": "#/components/schemas/Side"}) == "“left” or “right”"
    assert kind_in_words(document, {"type": "array", "items": {"$ref": "#/x/Day"}}) == "list of Day"
    assert kind_in_words(document, {"type": "integer", "minimum": 0, "maximum": 10}) == "whole number 0 to 10"
    assert kind_in_words(document, {"anyOf": [{"type": "string"}, {"type": "null"}]}) == "text or null"
