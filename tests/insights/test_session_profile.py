from __future__ import annotations

from app.insights.days import Average
from app.insights.session_profile import session_profile

SESSIONS = (100, 130, 160)


def around(sessions: tuple[int, ...], dip: float) -> dict[int, float]:
    """Pain of 5 on every day, lower by `dip` on the day after each session."""
    pain = dict.fromkeys(range(sessions[0] - 20, sessions[-1] + 10), 5.0)
    return pain | {session + 1: 5.0 - dip for session in sessions}


def test_days_are_compared_with_the_days_well_before_the_session() -> None:
    profile = session_profile(around(SESSIONS, dip=2), SESSIONS)

    assert profile.days[1] == Average(-2.0, 3)
    assert profile.days[-1] == Average(0.0, 3)


def test_the_picture_goes_from_three_days_before_to_seven_after() -> None:
    assert list(session_profile(around(SESSIONS, dip=2), SESSIONS).days) == list(range(-3, 8))


def test_two_sessions_make_no_picture() -> None:
    profile = session_profile(around(SESSIONS[:2], dip=2), SESSIONS[:2])

    assert (profile.enough, profile.sessions, profile.days) == (False, 2, {})


def test_three_logged_days_are_too_few_to_compare_with() -> None:
    pain = around(SESSIONS, dip=2)
    gone = {160 - back for back in range(7, 15)}

    assert session_profile({d: p for d, p in pain.items() if d not in gone}, SESSIONS).sessions == 2


def test_the_next_session_ends_the_days_after() -> None:
    close = (100, 130, 160, 165)
    profile = session_profile(around(close, dip=0), close)

    assert profile.days[4].days == 4
    assert profile.days[5].days == 3


def test_sore_days_of_the_session_before_are_not_what_is_usual() -> None:
    """Sessions ten days apart: the sore days of one lie among the days before the next."""
    close = (100, 110, 120)
    pain = around(close, dip=0) | {102: 9.0, 112: 9.0}

    assert session_profile(pain, close).days[3] == Average(0.0, 3)


def test_sore_days_of_sessions_earlier_still_are_days_like_others() -> None:
    """Held on days 100, 105 and 110, the third leaves out 105 and 106 and counts 101."""
    pain = dict.fromkeys(range(80, 150), 5.0) | {101: 9.5}

    assert session_profile(pain, (84, 100, 105, 110)).days[7] == Average(-0.5, 1)


def test_a_day_that_was_not_logged_is_not_in_the_picture() -> None:
    pain = around(SESSIONS, dip=2)
    del pain[131]

    assert session_profile(pain, SESSIONS).days[1] == Average(-2.0, 2)
