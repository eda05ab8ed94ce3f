"""The cast of the demo: who they are, how they tend to feel, and what they share."""

from __future__ import annotations

from dataclasses import dataclass

from app.models.body import BodyRegion, Side
from app.models.care import Scope
from app.models.question import AskedHabit

Place = tuple[BodyRegion, Side, float]
"""A region, its side, and how often it hurts (0 to 1)."""


@dataclass(frozen=True, slots=True)
class DemoTherapist:
    """Somebody who treats; unless told otherwise, the one who treats them all."""

    email: str = "therapist@demo.example"
    name: str = "Inês Carvalho"
    zone: str = "Europe/Lisbon"
    practice: str = "Riverside Manual Therapy, Rua da Madalena 12, Lisbon"
    licence: str = "Massage therapist, licence 20418"
    certifications: tuple[str, ...] = (
        "Medical massage, 500 h",
        "Myofascial techniques",
        "Manual lymph drainage",
    )


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """A patient with a way of feeling and of logging.

    `pain` is the level 90 days ago and today, around which days go up and down. `dip` is how many points
    lower it is the day after a session. `logs` is how often a day is logged at all, `late` how often it
    is filled in days later. `logged_until` and `reached_until` are days ago: when they stopped logging,
    and when reminders stopped reaching them. `next_session` is in days, with one every two weeks before it.
    `asks` is the habit they wanted to know about from the start.
    """

    email: str
    name: str
    about: str
    zone: str
    pain: tuple[float, float]
    dip: float
    places: tuple[Place, ...]
    sleep: float
    glasses: float
    stretching: float
    scopes: tuple[Scope, ...]
    notes: tuple[str, ...]
    next_session: int
    session_hour: int
    evening: int = 20
    logs: float = 0.85
    late: float = 0.05
    device: str | None = "Phone"
    logged_until: int = 0
    reached_until: int = 0
    shares_for_days: int | None = None
    asks: AskedHabit | None = None


THERAPIST = DemoTherapist()
COLLEAGUE = DemoTherapist(
    email="colleague@demo.example",
    name="Tomás Brandão",
    licence="Massage therapist, licence 31107",
    certifications=("Sports massage, 300 h",),
)
PRACTICE = "Riverside Manual Therapy"

_EVERYTHING = (Scope.MEASURES, Scope.NOTES, Scope.PLAN)

PATIENTS = (
    DemoPatient(
        email="ana@demo.example",
        name="Ana Ferreira",
        about="patient: low back, session today",
        zone="Europe/Lisbon",
        pain=(6.2, 3.4),
        dip=1.5,
        places=(
            (BodyRegion.LOW_BACK, Side.LEFT, 0.85),
            (BodyRegion.BUTTOCK, Side.LEFT, 0.45),
            (BodyRegion.THIGH_BACK, Side.LEFT, 0.2),
        ),
        sleep=7.1,
        glasses=8.2,
        stretching=0.7,
        scopes=_EVERYTHING,
        notes=(
            "Long day at the desk, stood up every hour as we agreed.",
            "Could put my socks on without holding the wall.",
            "Drove three hours. Left side stiff when I got out.",
            "Stretched before breakfast, felt looser until lunch.",
            "Carried the shopping up four floors. Noticed it at night.",
            "Slept on the other side with the pillow between my knees.",
            "Walked along the river for forty minutes, easy pace.",
            "Sat through a film without shifting all the time.",
        ),
        next_session=0,
        session_hour=16,
        device=None,
        asks=AskedHabit.WATER,
    ),
    DemoPatient(
        email="tomasz@demo.example",
        name="Tomasz Zieliński",
        about="patient: shoulder, painter",
        zone="Europe/Warsaw",
        pain=(4.6, 4.4),
        dip=1.0,
        places=(
            (BodyRegion.SHOULDER, Side.RIGHT, 0.9),
            (BodyRegion.NECK_BACK, Side.RIGHT, 0.5),
            (BodyRegion.UPPER_ARM, Side.RIGHT, 0.15),
        ),
        sleep=6.6,
        glasses=6.6,
        stretching=0.5,
        scopes=(Scope.MEASURES, Scope.NOTES),
        notes=(
            "Painted the ceiling. My own fault, I know.",
            "Arm overhead is still the worst part.",
            "Woke at four on the right shoulder and turned over.",
            "Two quiet days in a row.",
            "Forgot the stretch in the morning, did it at work.",
        ),
        next_session=3,
        session_hour=9,
        evening=21,
    ),
    DemoPatient(
        email="amina@demo.example",
        name="Amina Diallo",
        about="patient: neck and jaw, reminders stopped arriving",
        zone="Europe/Paris",
        pain=(5.2, 6.1),
        dip=0.8,
        places=(
            (BodyRegion.HEAD, Side.MIDDLE, 0.5),
            (BodyRegion.NECK_BACK, Side.MIDDLE, 0.8),
            (BodyRegion.JAW, Side.RIGHT, 0.35),
            (BodyRegion.JAW, Side.LEFT, 0.25),
        ),
        sleep=6.1,
        glasses=7.4,
        stretching=0.55,
        scopes=_EVERYTHING,
        notes=(
            "Exam week. Shoulders up at my ears.",
            "Headache from the neck upwards after lunch.",
            "Jaw tired in the morning, as if I had chewed all night.",
            "Warm cloth for fifteen minutes, then an early night.",
            "Could not concentrate in the evening lecture.",
            "A bit better today, I walked home instead of taking the bus.",
        ),
        next_session=5,
        session_hour=11,
        logs=0.9,
        reached_until=6,
    ),
    DemoPatient(
        email="jun@demo.example",
        name="Jun Watanabe",
        about="patient: knee, shares numbers only",
        zone="Europe/Lisbon",
        pain=(3.8, 2.2),
        dip=1.2,
        places=(
            (BodyRegion.KNEE, Side.RIGHT, 0.7),
            (BodyRegion.LOWER_LEG_BACK, Side.RIGHT, 0.35),
            (BodyRegion.LOWER_LEG_BACK, Side.LEFT, 0.15),
        ),
        sleep=7.6,
        glasses=9.2,
        stretching=0.85,
        scopes=(Scope.MEASURES,),
        notes=(
            "5 km, slow. Calf tight for the last one.",
            "Stairs down are fine again.",
            "Skipped the run, did the stretches twice.",
            "Foam roller in the evening.",
        ),
        next_session=9,
        session_hour=18,
        evening=22,
        shares_for_days=45,
    ),
    DemoPatient(
        email="marta@demo.example",
        name="Marta Oliveira",
        about="patient: hip, stopped logging",
        zone="Atlantic/Azores",
        pain=(5.6, 5.0),
        dip=0.9,
        places=(
            (BodyRegion.HIP, Side.LEFT, 0.75),
            (BodyRegion.LOW_BACK, Side.MIDDLE, 0.5),
            (BodyRegion.GROIN, Side.LEFT, 0.2),
        ),
        sleep=6.9,
        glasses=6.8,
        stretching=0.4,
        scopes=(Scope.MEASURES, Scope.PLAN),
        notes=(
            "Garden all morning, could hardly get up afterwards.",
            "First day without the stick.",
            "Rain. Stayed in.",
        ),
        next_session=2,
        session_hour=15,
        evening=19,
        logged_until=12,
    ),
    DemoPatient(
        email="leo@demo.example",
        name="Leo Brandt",
        about="patient: forearm, pianist",
        zone="Europe/Berlin",
        pain=(2.9, 3.0),
        dip=0.7,
        places=(
            (BodyRegion.FOREARM, Side.RIGHT, 0.6),
            (BodyRegion.WRIST, Side.RIGHT, 0.55),
            (BodyRegion.WRIST, Side.LEFT, 0.2),
        ),
        sleep=7.3,
        glasses=8.0,
        stretching=0.6,
        scopes=_EVERYTHING,
        notes=(
            "Concert tonight, warmed up for longer than usual.",
            "Octaves are the problem, everything else is all right.",
            "Left the phone in the drawer for a day.",
            "Practised four times twenty minutes instead of in one go.",
        ),
        next_session=12,
        session_hour=10,
        logs=0.8,
    ),
)
