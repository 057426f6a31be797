"""The providers' own libraries for Python, asked as `judge.mjs` is: one JSON question a line, one answer.

To a signature inside the body the answer is {"body"}.
"""

import base64
import contextlib
import json
import sys
import time
import urllib.parse
from datetime import datetime, timezone

import Adyen.util as adyen
import contactsmanager
import standardwebhooks
import stripe
import svix
from discord_interactions import verify_key
from sendgrid.helpers.eventwebhook import EventWebhook
from slack_sdk.signature import SignatureVerifier
from square.utils.webhooks_helper import verify_signature as square_verifies
from twilio.request_validator import RequestValidator

clock = {"now": 0.0}
time.time = lambda: clock["now"]


# The libraries that ask `datetime` for the time get it from the same clock.
class StandingDatetime(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(clock["now"], tz)


for module in list(sys.modules.values()):
    if getattr(module, "datetime", None) is datetime and module.__name__ != "__main__":
        module.datetime = StandingDatetime


def contact_manager(ask):
    client = contactsmanager.ContactsManagerClient("key", "secret", "org")
    client.set_webhook_secret(ask["secret"])
    return client.verify_webhook_signature(ask["bytes"], ask["headers"]["x-webhook-signature"])


def standard(webhook, prefix):
    def verify(ask):
        webhook(ask["secret"]).verify(ask["text"], ask["headers"])
        return True

    def sign(ask):
        at = datetime.fromtimestamp(ask["now"] / 1000, timezone.utc)
        headers = {
            f"{prefix}-id": ask["id"],
            f"{prefix}-timestamp": str(ask["now"] // 1000),
            f"{prefix}-signature": webhook(ask["secret"]).sign(ask["id"], at, ask["text"]),
        }
        return {"headers": headers}

    return {"verify": verify, "sign": sign}


def slack_signs(ask):
    at = str(ask["now"] // 1000)
    signature = SignatureVerifier(ask["secret"]).generate_signature(timestamp=at, body=ask["bytes"])
    return {"headers": {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}}


def slack_verifies(ask):
    from slack_sdk.signature import Clock

    class Standing(Clock):
        def now(self):
            return clock["now"]

    return SignatureVerifier(ask["secret"], Standing()).is_valid_request(ask["bytes"], ask["headers"])


def form_of(ask):
    return dict(urllib.parse.parse_qsl(ask["text"], keep_blank_values=True))


def twilio_signs(ask):
    signature = RequestValidator(ask["secret"]).compute_signature(ask["url"], form_of(ask))
    return {"headers": {"X-Twilio-Signature": signature}}


def adyen_signs(ask):
    """Signs the first item of a notification, inside its body."""
    notification = json.loads(ask["text"])
    item = notification["notificationItems"][0]["NotificationRequestItem"]
    bare = {key: value for key, value in item.items() if key != "additionalData"}
    signature = adyen.generate_notification_sig(bare, ask["secret"]).decode()
    item.setdefault("additionalData", {})["hmacSignature"] = signature
    return {"body": json.dumps(notification, ensure_ascii=False)}


judges = {
    "standardwebhooks": standard(standardwebhooks.Webhook, "webhook"),
    "svix": standard(svix.Webhook, "svix"),
    "stripe": {
        "verify": lambda ask: stripe.WebhookSignature.verify_header(
            ask["text"], ask["headers"]["stripe-signature"], ask["secret"], 300
        )
    },
    "slack": {"verify": slack_verifies, "sign": slack_signs},
    "contactsmanager": {"verify": contact_manager},
    "square": {
        "verify": lambda ask: square_verifies(
            request_body=ask["text"],
            signature_header=ask["headers"]["x-square-hmacsha256-signature"],
            signature_key=ask["secret"],
            notification_url=ask["url"],
        )
    },
    "sendgrid": {
        "verify": lambda ask: EventWebhook(ask["secret"]).verify_signature(
            ask["text"],
            ask["headers"]["x-twilio-email-event-webhook-signature"],
            ask["headers"]["x-twilio-email-event-webhook-timestamp"],
        )
    },
    "discord": {
        "verify": lambda ask: verify_key(
            ask["bytes"],
            ask["headers"]["x-signature-ed25519"],
            ask["headers"]["x-signature-timestamp"],
            ask["secret"],
        )
    },
    "twilio": {
        "verify": lambda ask: RequestValidator(ask["secret"]).validate(
            ask["url"], form_of(ask), ask["headers"]["x-twilio-signature"]
        ),
        "sign": twilio_signs,
    },
    "twilio_json": {
        "verify": lambda ask: RequestValidator(ask["secret"]).validate(
            ask["url"], ask["text"], ask["headers"]["x-twilio-signature"]
        )
    },
    "adyen": {
        "verify": lambda ask: adyen.is_valid_hmac_notification(json.loads(ask["text"]), ask["secret"]),
        "sign": adyen_signs,
    },
    "adyen_payload": {
        "verify": lambda ask: adyen.is_valid_hmac_payload(
            ask["headers"]["hmacsignature"], ask["secret"], ask["bytes"]
        )
    },
}


def answer(ask):
    if ask["op"] == "list":
        return {"judges": [[scheme, "sign" in judge] for scheme, judge in judges.items()]}
    judge = judges.get(ask["scheme"], {}).get(ask["op"])
    if judge is None:
        return {"error": f"no judge can {ask['op']} {ask['scheme']}"}
    clock["now"] = ask["now"] / 1000
    ask["bytes"] = base64.b64decode(ask["body_base64"])
    ask["text"] = ask["bytes"].decode("utf-8")
    if ask["op"] == "sign":
        return judge(ask)
    try:
        return {"valid": bool(judge(ask))}
    except Exception as error:  # what a library raises is its way of saying "not valid"
        return {"valid": False, "thrown": repr(error)}


for line in sys.stdin:
    # Only answers go to standard output, whatever a library has to say.
    with contextlib.redirect_stdout(sys.stderr):
        told = answer(json.loads(line))
    print(json.dumps(told), flush=True)
