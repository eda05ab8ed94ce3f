"""The brief as plain text, to be pasted into any record: the same parts in the same order as on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.insights.since_last_session import Windows
from app.language import _, ngettext
from app.language.saying import (
    as_sentence,
    dated_moment,
    day_in_words,
    day_with_year,
    joined,
    listed,
    on_one_line,
    short_day,
    shortened,
)
from app.models.care import Scope
from app.reports.before_session import ActivityNow, SaidBefore
from app.reports.brief import Brief, PlanLine
from app.reports.brief_days import PainPlace, QuotedNote, SorenessOfDay
from app.reports.check_in_words import (
    overall_change_in_words,
    pressure_in_words,
    reason_in_words,
    safety_in_words,
)
from app.reports.exporting import WITHOUT_A_SESSION
from app.reports.habits import HabitAnswers, complaints_first, habit_words
from app.reports.places import place_in_words

LETTERS_QUOTED, LINES_QUOTED, ITEM_LETTERS = 120, 3, 70
"""How much of a quote, and of what a plan asks, stands on the page; the text that is copied has all of it."""

Part = tuple[str, list[str]]


def brief_text(brief: Brief, zone: str) -> str:
    """One part after another, each a heading and its lines; clock times are those of the reader's `zone`."""
    head = f"{brief.patient_name}\n{window_words(brief)}"
    told = _parts(brief, zone)
    parts = ["\n".join([heading, *(f"- {line}" for line in lines)]) for heading, lines in told]
    return "\n\n".join([head, *parts, as_sentence(brief.data_quality)])


def window_words(brief: Brief) -> str:
    """The days the brief is about."""
    last = day_with_year(brief.last)
    if brief.last_session and brief.last_session < brief.first:
        return ngettext(
            "Last session %(session)s. Since the diary began on %(day)s: %(num)s day, until %(last)s.",
            "Last session %(session)s. Since the diary began on %(day)s: %(num)s days, until %(last)s.",
            brief.days_logged.of,
            day=day_in_words(brief.first),
            session=day_in_words(brief.last_session),
            last=last,
        )
    if brief.last_session:
        return ngettext(
            "Since the session on %(day)s: %(num)s day, until %(last)s.",
            "Since the session on %(day)s: %(num)s days, until %(last)s.",
            brief.days_logged.of,
            day=day_in_words(brief.last_session),
            last=last,
        )
    if brief.days_logged.of < WITHOUT_A_SESSION:
        return ngettext(
            "Since the diary began on %(day)s: %(num)s day, until %(last)s; no session held yet.",
            "Since the diary began on %(day)s: %(num)s days, until %(last)s; no session held yet.",
            brief.days_logged.of,
            day=day_in_words(brief.first),
            last=last,
        )
    return ngettext(
        "The last day, %(last)s; no session held yet.",
        "The last %(num)s days, until %(last)s; no session held yet.",
        brief.days_logged.of,
        last=last,
    )


def _parts(brief: Brief, zone: str) -> Iterator[Part]:
    said = brief.said_before
    yield _("Ticked before the session"), [*safety_lines(brief, zone), *_must_know(brief)]
    yield _("Wants today"), [*_request_lines(brief), *hurts_today(said)]
    yield _("Where it hurts"), _place_lines(brief.places)
    yield _("Pain"), _pain_lines(brief)
    if said.activities:
        yield _("Activities"), [activity_words(one) for one in said.activities]
    if tells_of_after(brief):
        yield _("After the last session"), _after_lines(brief)
    yield _("Home care"), _home_care_lines(brief)
    yield _("Sleep"), [as_sentence(brief.sleep.words) if brief.sleep else _("Not shared.")]
    yield _("Last notes"), _note_lines(brief)
    yield _("Plan"), plan_lines(brief)
    if said.overall_change or said.overall_change_due:
        yield _("Overall change"), [overall_change_line(said)]


def safety_lines(brief: Brief, zone: str) -> list[str]:
    """What was ticked, whether after the last session or before this one."""
    if asks_for_heed(brief):
        return [*_something_wrong(brief, zone), *map(safety_in_words, brief.said_before.safety_items)]
    return [_("No check-in yet.") if brief.said_before.answered_at is None else _("Nothing was ticked.")]


def asks_for_heed(brief: Brief) -> bool:
    """Whether anything was ticked that the therapist has to know of first."""
    wrong = brief.feedback is not None and brief.feedback.something_wrong_at is not None
    return wrong or bool(brief.said_before.safety_items)


def to_know(words: str) -> str:
    """What the patient wrote in the intake for their therapist to know before anything else."""
    return _("To know beforehand: “%(words)s”", words=words)


def no_request(brief: Brief) -> str:
    """In place of what the patient wants today."""
    return _("Nothing was said.") if Scope.NOTES in brief.scopes else _("Not shared.")


def hurts_today(said: SaidBefore) -> list[str]:
    """The places named in the check-in, in one line; none when none was named."""
    places = [place_in_words(site) for site in said.pain_sites or ()]
    return [_("Hurts today: %(places)s.", places=joined(places))] if places else []


def quoted_in_short(words: str) -> str:
    """As they were written where they are short; otherwise on one line, cut where the page would be too."""
    if len(words) <= LETTERS_QUOTED and words.count("\n") < LINES_QUOTED:
        return words
    return shortened(words, LETTERS_QUOTED)


def home_care_pairs(brief: Brief) -> list[tuple[str, str]]:
    """Each habit and each exercise, and how it went; first those with a complaint."""
    told = complaints_first([*(brief.habits or ()), *(brief.exercises or ())])
    return [(one.name if isinstance(one, HabitAnswers) else one.title, habit_words(one)) for one in told]


def tells_of_after(brief: Brief) -> bool:
    """Whether there is anything about the days after the last session, or it is not known for sure."""
    said = brief.feedback is not None and (brief.feedback.pressure or brief.feedback.comment)
    return brief.last_session is not None and bool(brief.soreness is not None or said)


def note_day(note: QuotedNote) -> str:
    """The day itself: what is read later, from paper or a record, has no yesterday."""
    day = as_sentence(day_in_words(note.day))
    return _("%(day)s, filled in later", day=day) if note.late else day


def compared_words(windows: Windows) -> str:
    """Which days are meant by "before" and by "now"; without a stop, which short months may bring along."""
    days = {
        "first": short_day(windows.before.first),
        "last": short_day(windows.before.last),
        "since": short_day(windows.now.first),
        "until": short_day(windows.now.last),
    }
    if not windows.now:
        return _("Before: %(first)s to %(last)s; now begins on %(since)s", **days)
    return _("Before: %(first)s to %(last)s; now: %(since)s to %(until)s", **days)


def activity_words(activity: ActivityNow) -> str:
    """Of 10, where 10 is as well as before the problem."""
    if activity.now is None and activity.last is None:
        return _("%(activity)s: not scored yet", activity=activity.name)
    if activity.now is None:
        return _(
            "%(activity)s: last %(last)s of 10, not scored now", activity=activity.name, last=activity.last
        )
    if activity.last is None:
        return _("%(activity)s: now %(now)s of 10", activity=activity.name, now=activity.now)
    return _(
        "%(activity)s: last %(last)s, now %(now)s of 10",
        activity=activity.name,
        last=activity.last,
        now=activity.now,
    )


def plan_lines(brief: Brief) -> list[str]:
    told = [_with_comment(line) for line in brief.plan]
    return [*plan_stopped(brief), *told] or [no_plan(brief)]


def no_plan(brief: Brief) -> str:
    """In place of the items of a plan."""
    return _("No plan was written.") if Scope.PLAN in brief.scopes else _("Not shared.")


def plan_stopped(brief: Brief) -> list[str]:
    """That the patient stopped the reader's plan, in one line; none while they have not."""
    stopped_on = brief.plan_stopped_on
    return (
        [_("The patient stopped your plan on %(day)s.", day=day_in_words(stopped_on))] if stopped_on else []
    )


def plan_line(line: PlanLine) -> str:
    """With why it does not suit the patient, if they answered so."""
    return _with_reason(line, listed(filter(None, [line.name, line.dose])))


def plan_line_in_short(line: PlanLine) -> str:
    """What is asked is cut where it is long; what the patient says to it never is."""
    return _with_reason(line, shortened(listed(filter(None, [line.name, line.dose])), ITEM_LETTERS))


def overall_change_line(said: SaidBefore) -> str:
    if said.overall_change is None:
        return _("Due now, not answered yet.")
    return as_sentence(overall_change_in_words(said.overall_change))


def place_line(place: PainPlace) -> str:
    where = as_sentence(place_in_words({"region": place.region, "side": place.side}))
    if place.strongest is None:
        return ngettext(
            "%(place)s: %(days)s of %(num)s day",
            "%(place)s: %(days)s of %(num)s days",
            place.of,
            place=where,
            days=place.days,
        )
    return ngettext(
        "%(place)s: %(days)s of %(num)s day, up to %(strongest)s",
        "%(place)s: %(days)s of %(num)s days, up to %(strongest)s",
        place.of,
        place=where,
        days=place.days,
        strongest=place.strongest,
    )


def soreness_line(day: SorenessOfDay) -> str:
    names = (_("That day"), _("The day after"), _("Two days after"), _("Three days after"))
    said = _("not logged") if day.soreness is None else _("%(value)s of 10", value=day.soreness)
    return _("%(what)s: %(words)s", what=names[day.days_after], words=said)


def _with_comment(line: PlanLine) -> str:
    return f"{plan_line(line)} {_quoted(line.comment)}" if line.comment else plan_line(line)


def _with_reason(line: PlanLine, what: str) -> str:
    if line.answer is None or line.suits:
        return what
    return _("%(what)s: %(words)s", what=what, words=reason_in_words(line.answer.value))


def _home_care_lines(brief: Brief) -> list[str]:
    if brief.habits is None and brief.exercises is None:
        return [_("Not shared.")]
    return [_("%(what)s: %(words)s", what=what, words=words) for what, words in home_care_pairs(brief)]


def _something_wrong(brief: Brief, zone: str) -> list[str]:
    ticked_at = brief.feedback.something_wrong_at if brief.feedback else None
    if ticked_at is None:
        return []
    return [_("Ticked “something is wrong” %(when)s.", when=dated_moment(ticked_at, zone))]


def _must_know(brief: Brief) -> list[str]:
    words = brief.intake.must_know if brief.intake else None
    return [to_know(on_one_line(words))] if words else []


def _request_lines(brief: Brief) -> list[str]:
    words = brief.said_before.request
    return [on_one_line(words) if words else no_request(brief)]


def _pain_lines(brief: Brief) -> list[str]:
    if brief.pain is None or brief.compared is None:
        return [_("Not shared.")]
    return [brief.pain.words, compared_words(brief.compared)]


def _place_lines(places: Sequence[PainPlace] | None) -> list[str]:
    if places is None:
        return [_("Not shared.")]
    return [place_line(place) for place in places] or [_("No place was marked.")]


def _after_lines(brief: Brief) -> list[str]:
    feedback, lines = brief.feedback, []
    if feedback and feedback.pressure:
        lines.append(pressure_in_words(feedback.pressure))
    if feedback and feedback.comment:
        lines.append(_quoted(feedback.comment))
    lines += map(soreness_line, brief.soreness or ())
    return [*lines, *filter(None, [brief.soreness_words])]


def _note_lines(brief: Brief) -> list[str]:
    if brief.notes is None:
        return [_("Not shared.")]
    told = [f"{note_day(note)}: {_quoted(note.text)}" for note in brief.notes]
    return told or [_("No note in this time.")]


def _quoted(words: str) -> str:
    return _("“%(words)s”", words=on_one_line(words))
