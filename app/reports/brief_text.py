"""The brief as plain text, to be pasted into any record: the same parts in the same order as on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from app.language import _, ngettext
from app.language.saying import as_sentence, day_from, day_in_words, day_with_year, joined, listed
from app.models.plan_answer import PlanItemAnswer
from app.reports.before_session import ActivityNow, SaidBefore
from app.reports.brief import Brief, PlanLine
from app.reports.brief_days import PainPlace, SorenessOfDay
from app.reports.check_in_words import (
    overall_change_in_words,
    pressure_in_words,
    reason_in_words,
    safety_in_words,
)
from app.reports.habits import HabitAnswers, ItemAnswers
from app.reports.places import place_in_words

Part = tuple[str, list[str]]


def brief_text(brief: Brief, today: date) -> str:
    """One part after another, each a heading and its lines."""
    head = f"{brief.patient_name}\n{window_words(brief)}"
    told = _parts(brief, today)
    parts = ["\n".join([heading, *(f"- {line}" for line in lines)]) for heading, lines in told]
    return "\n\n".join([head, *parts, as_sentence(brief.data_quality)])


def window_words(brief: Brief) -> str:
    """The days the brief is about."""
    last = day_with_year(brief.last)
    if brief.last_session:
        return ngettext(
            "Since the session on %(day)s: %(num)s day, until %(last)s.",
            "Since the session on %(day)s: %(num)s days, until %(last)s.",
            brief.days_logged.of,
            day=day_in_words(brief.last_session),
            last=last,
        )
    return ngettext(
        "The last day, %(last)s; no session held yet.",
        "The last %(num)s days, until %(last)s; no session held yet.",
        brief.days_logged.of,
        last=last,
    )


def _parts(brief: Brief, today: date) -> Iterator[Part]:
    said = brief.said_before
    yield _("Ticked before the session"), [*safety_lines(said), *must_know(brief)]
    yield _("Wants today"), [said.request or _("Nothing was said.")]
    yield _("Where it hurts"), _place_lines(said, brief.places)
    yield _("Pain"), [brief.pain.words if brief.pain else _("Not shared.")]
    if said.activities:
        yield _("Activities"), [activity_words(one) for one in said.activities]
    if brief.last_session and (brief.soreness is not None or brief.feedback is not None):
        yield _("After the last session"), _after_lines(brief)
    yield _("Home care"), home_care_lines(brief.habits, brief.exercises)
    yield _("Sleep"), [as_sentence(brief.sleep.words) if brief.sleep else _("Not shared.")]
    yield _("Last notes"), _note_lines(brief, today)
    yield _("Plan"), plan_lines(brief)
    if said.overall_change or said.overall_change_due:
        yield _("Overall change"), [overall_change_line(said)]


def safety_lines(said: SaidBefore) -> list[str]:
    if said.answered_at is None:
        return [_("No check-in yet.")]
    return [safety_in_words(item) for item in said.safety_items] or [_("Nothing was ticked.")]


def must_know(brief: Brief) -> list[str]:
    """What the patient wrote in the intake for their therapist to know before anything else."""
    if brief.intake is None or not brief.intake.must_know:
        return []
    return [_("To know beforehand: “%(words)s”", words=_one_line(brief.intake.must_know))]


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


def habit_words(answers: HabitAnswers | ItemAnswers) -> str:
    """Done, of the days answered; what was not logged; and the reasons that were given."""
    if not answers.reasons:
        return answers.words
    reasons = joined(
        _("%(reason)s (%(times)s)", reason=reason_in_words(reason), times=times)
        for reason, times in answers.reasons.items()
    )
    return _("%(answers)s; %(reasons)s", answers=answers.words, reasons=reasons)


def home_care_lines(
    habits: Sequence[HabitAnswers] | None, exercises: Sequence[ItemAnswers] | None
) -> list[str]:
    if habits is None and exercises is None:
        return [_("Not shared.")]
    told = [
        *((one.name, habit_words(one)) for one in habits or ()),
        *((one.title, habit_words(one)) for one in exercises or ()),
    ]
    return [_("%(what)s: %(words)s", what=what, words=words) for what, words in told]


def plan_lines(brief: Brief) -> list[str]:
    told = [_plan_line(line) for line in brief.plan]
    if brief.plan_stopped_on:
        return [
            _("The patient stopped your plan on %(day)s.", day=day_in_words(brief.plan_stopped_on)),
            *told,
        ]
    return told or [_("No plan was written.")]


def _plan_line(line: PlanLine) -> str:
    """With why it does not suit the patient, if they answered so."""
    what = listed(filter(None, [line.name, line.dose]))
    if line.answer is None or line.answer is PlanItemAnswer.OK:
        return what
    return _("%(what)s: %(words)s", what=what, words=reason_in_words(line.answer.value))


def overall_change_line(said: SaidBefore) -> str:
    if said.overall_change is None:
        return _("Due now, not answered yet.")
    return as_sentence(overall_change_in_words(said.overall_change))


def place_line(place: PainPlace) -> str:
    where = as_sentence(place_in_words({"region": place.region, "side": place.side}))
    if place.strongest is None:
        return _("%(place)s: %(days)s of %(of)s days", place=where, days=place.days, of=place.of)
    return _(
        "%(place)s: %(days)s of %(of)s days, up to %(strongest)s",
        place=where,
        days=place.days,
        of=place.of,
        strongest=place.strongest,
    )


def soreness_line(day: SorenessOfDay) -> str:
    names = (_("That day"), _("The day after"), _("Two days after"), _("Three days after"))
    said = _("not logged") if day.soreness is None else _("%(value)s of 10", value=day.soreness)
    return _("%(what)s: %(words)s", what=names[day.days_after], words=said)


def _place_lines(said: SaidBefore, places: Sequence[PainPlace] | None) -> list[str]:
    today = [place_in_words(site) for site in said.pain_sites or ()]
    if places is None:
        return [_("Not shared.")]
    told = [_("Today: %(places)s", places=joined(today))] if today else []
    return [*told, *map(place_line, places)] or [_("No place was marked.")]


def _after_lines(brief: Brief) -> list[str]:
    feedback, lines = brief.feedback, []
    if feedback and feedback.pressure:
        lines.append(pressure_in_words(feedback.pressure))
    if feedback and feedback.comment:
        lines.append(f"“{feedback.comment}”")
    lines += map(soreness_line, brief.soreness or ())
    return [*lines, *filter(None, [brief.soreness_words])]


def _note_lines(brief: Brief, today: date) -> list[str]:
    if brief.notes is None:
        return [_("Not shared.")]
    told = [(day_from(note.day, today), _one_line(note.text)) for note in brief.notes]
    return [f"{as_sentence(day)}: “{text}”" for day, text in told] or [_("No note in this time.")]


def _one_line(text: str) -> str:
    return " ".join(text.split())
