"""A body that each operation takes, for the OpenAPI document. The tests hold every one to its shape."""

from __future__ import annotations

from typing import Any

from app.models.account import Role

_STEPS = [
    {"kind": "water"},
    {"kind": "custom", "text": "Warm pack, 15 minutes.", "days_after": 1, "at": "19:00"},
]
_P256DH = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
_HELD = {
    "held_at": "2026-11-23T16:50:00+00:00",
    "regions": [{"region": "low_back", "side": "left"}],
    "done": "Low back along the grain.",
    "visibility": "shared",
    "aftercare": [{"kind": "water"}, {"kind": "feedback"}],
}
_SIGNED = {
    "id": "b3BlbnMgdGhlIGRvb3I",
    "client_data": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiNHZGMCJ9",
    "authenticator_data": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAA",
    "signature": "MEUCIQDq0kPpXc0b3lqC5wVx",
}
"""Only a browser with the passkey can make these; what is signed is told in base64url."""
_PLAN = {
    "items": [
        {"kind": "water", "target": {"min": 8}, "reminder_times": ["11:00"]},
        {"kind": "exercise", "title": "Chin tucks", "dose": "10 times", "why": "To let the neck lengthen."},
    ],
    "effective": "tomorrow",
    "note": "Let us begin gently.",
}
_SESSION = {"starts_at": "2026-11-30T16:00:00+00:00", "minutes": 50}
_TEMPLATE = {"name": "After deep work", "steps": _STEPS}
EXAMPLES: dict[str, dict[str, Any]] = {
    "add_one_passkey": {
        "name": "Phone",
        "id": "b3BlbnMgdGhlIGRvb3I",
        "client_data": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiNHZGMCJ9",
        "attestation": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVg",
    },
    "bring_in": {
        "format": "aftercare-takeout",
        "version": 1,
        "entries": [
            {
                "id": "5f0c0d7e-6a63-4f3b-9f0e-7a0c2b1d4e5f",
                "day": "2026-11-23",
                "recorded_at": "2026-11-23T07:40:00+00:00",
                "received_at": "2026-11-23T07:40:02+00:00",
                "source": "app",
                "late": False,
                "set": {"pain": 4},
            }
        ],
    },
    "accept": {"scopes": ["measures", "plan"], "expires_on": "2027-03-31"},
    "ask_question": {"habit": "stretch"},
    "book_for_patient": _SESSION,
    "book_own": _SESSION,
    "change_for_patient": {"starts_at": "2026-12-01T09:00:00+00:00"},
    "change_my_practice": {"practice": "By the river, Lisbon", "licence": "PT 4711", "digest_at": "07:30"},
    "change_my_profile": {"zone": "Europe/Lisbon", "quiet_from": "21:30", "quiet_until": "08:00"},
    "change_own": {"cancelled": True},
    "change_relationship": {"scopes": ["measures"]},
    "create_account": {
        "email": "ana@people.example",
        "password": "four plain words together",
        "name": "Ana",
        "role": Role.PATIENT.value,
        "zone": "Europe/Lisbon",
    },
    "create_note": {"text": "Ask about the new chair.", "visibility": "private"},
    "create_reminder": {"kind": "check_in", "times": ["20:00"], "days": ["mon", "wed", "fri"]},
    "create_subscription": {
        "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn",
        "keys": {
            "p256dh": _P256DH,
            "auth": "tBHItJI5svbpez7KI4CCXg",
        },
        "device_name": "Phone",
    },
    "delete_subscription": {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn"},
    "erase_me": {"password": "four plain words together"},
    "hold_for_patient": _HELD,
    "hold_own": {"held_at": "2026-11-23T16:50:00+00:00"},
    "make_one_token": {"name": "Spreadsheet", "scopes": ["read"]},
    "patch_day": {"pain": 4, "note": None},
    "patch_practice": {"name": "By the river"},
    "patch_reminder": {"times": ["19:30"], "on": True},
    "pause_reminders": {"until": "2026-11-30T08:00:00+00:00"},
    "post_answer": {"version": 2, "item": "chin-tucks", "answer": "too_much", "comment": "Ten are many."},
    "post_calendar_link": {"names": False},
    "post_entries": {
        "entries": [
            {
                "id": "5f0c0d7e-6a63-4f3b-9f0e-7a0c2b1d4e5f",
                "day": "2026-11-23",
                "recorded_at": "2026-11-23T07:40:00+00:00",
                "set": {"pain": 4, "pain_sites": [{"region": "shoulder", "side": "left", "intensity": 5}]},
                "add": {"water_glasses": 1},
            }
        ]
    },
    "post_event": {"token": "a token that came in the payload", "event": "shown"},
    "post_feedback": {"pressure": "right", "soreness": 3, "comment": "Just right."},
    "post_practice": {"name": "By the river"},
    "post_template": {**_TEMPLATE, "shared": True},
    "prove_by_passkey": _SIGNED,
    "put_check_in": {
        "request": "The left side, please.",
        "pain_sites": [{"region": "low_back", "side": "left"}],
        "activities": [{"name": "Putting on socks", "score": 4}],
        "safety_items": [],
    },
    "put_intake": {
        "reason": "Low back since the summer.",
        "hard_activities": ["Putting on socks"],
        "goals": "Lift my daughter.",
    },
    "put_own_plan": _PLAN,
    "put_plan": _PLAN,
    "put_template": {**_TEMPLATE, "based_on": 1},
    "sign_in": {"email": "ana@people.example", "password": "four plain words together"},
    "sign_in_with_passkey": {**_SIGNED, "user_handle": "YW5h", "shared": False},
    "snooze_reminder": {"minutes": 30},
}
