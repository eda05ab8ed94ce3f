"""Which passwords may be chosen."""

from __future__ import annotations

import secrets
from time import process_time

import pytest

from app.access.breached import FILTER, is_breached
from app.access.breached.build import filter_of
from app.access.passwords import is_password, require_good_password
from app.errors import Invalid
from builders import PASSWORD, hash_of_password


def code_for(password: str, name: str = "Ana Sousa", email: str = "rainy.day@people.example") -> str:
    with pytest.raises(Invalid) as refused:
        require_good_password(password, name, email)
    (wrong,) = refused.value.errors
    assert wrong.field == "password"
    return wrong.code


@pytest.mark.parametrize("leaked", ["password123", "qwertyuiop", "QWERTYuiop", "Vjht123jltccf", "1q2w3e4r5t"])
def test_a_leaked_password_is_refused(leaked: str) -> None:
    assert code_for(leaked) == "breached"


@pytest.mark.parametrize(
    "known", ["Sousa-and-more-words", "a rainy evening", "sunny1rainy2", "my Aftercare password"]
)
def test_what_is_known_of_a_person_is_refused(known: str) -> None:
    assert code_for(known) == "guessable"


@pytest.mark.parametrize("password", ["zoe@x.example", "my mail is Zoe@X.example"])
def test_the_whole_address_is_refused_however_short_its_name_is(password: str) -> None:
    assert code_for(password, "Zoe", "zoe@x.example") == "guessable"


@pytest.mark.parametrize("good", [PASSWORD, "banana milk on ice", "Ünïcödé wörds", "x" * 200 + "quite long"])
def test_a_few_words_in_a_row_are_fine(good: str) -> None:
    require_good_password(good, "Ana", "ana@people.example")


def test_hardly_any_other_password_is_taken_for_a_leaked_one() -> None:
    assert sum(is_breached(secrets.token_urlsafe(12)) for _ in range(20_000)) <= 12


def test_the_filter_was_made_of_more_than_a_hundred_thousand_and_stays_small() -> None:
    bits = FILTER.read_bytes()
    assert len(bits) <= 400 * 1024
    # So many bits are set by 112,625 passwords, within a hundredth.
    assert sum(byte.bit_count() for byte in bits) / (8 * len(bits)) == pytest.approx(0.5025, abs=0.005)


def test_the_filter_holds_what_it_was_made_of() -> None:
    bits = filter_of(["correct horse battery"])
    assert 0 < sum(byte.bit_count() for byte in bits) <= 13


@pytest.mark.anyio
async def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    async def quickest(password_hash: str | None) -> float:
        taken = []
        for _turn in range(9):
            begun = process_time()
            assert not await is_password("not the password", password_hash)
            taken.append(process_time() - begun)
        return min(taken)

    known, unknown = await quickest(hash_of_password()), await quickest(None)
    assert known / 2 < unknown < known * 2
