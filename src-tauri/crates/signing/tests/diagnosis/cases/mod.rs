//! What can go wrong, as cases.

mod body;
mod coded;
mod content;
mod credentials;
mod digest;
mod header;
mod pair;
mod scheme;
mod secret;
mod time;
mod url;

use crate::bench::{AT, Case};
use crate::bodies::{FORM, NESTED, SPACED};

/// Schemes of every make: what is signed, how it is written, what kind of secret.
const KEYED: [&str; 18] = [
    "standardwebhooks",
    "stripe",
    "contactsmanager",
    "slack",
    "box",
    "hubspot_v3",
    "hubspot_v2",
    "cloudinary",
    "square",
    "github",
    "shopify",
    "smsportal",
    "mollie",
    "docusign",
    "adyen_payload",
    "pulsewave",
    "paddle",
    "intercom",
];
const ASYMMETRIC: [&str; 3] = ["discord", "telnyx", "sendgrid"];

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    let all = [
        body::cases(),
        secret::cases(),
        digest::cases(),
        content::cases(),
        time::cases(),
        url::cases(),
        header::cases(),
        scheme::cases(),
        pair::cases(),
        coded::cases(),
        credentials::cases(),
        scheme::hopeless(),
    ];
    all.into_iter().flatten().collect()
}

/// A body that the scheme can sign.
pub(crate) fn body_for(id: &str) -> Vec<u8> {
    match id {
        "twilio" | "mandrill" => FORM.to_vec(),
        "adyen" => br#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","originalReference":"","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","amount":{"value":1130,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true","additionalData":{}}}]}"#.to_vec(),
        "aws_sns" => br#"{"Type":"Notification","MessageId":"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324","TopicArn":"arn:aws:sns:us-west-2:123456789012:MyTopic","Subject":"My First Message","Message":"Hello world!","Timestamp":"2023-11-14T22:13:20.000Z","SignatureVersion":"2"}"#.to_vec(),
        "mailgun" => br#"{"signature":{},"event-data":{"event":"delivered","id":"x"}}"#.to_vec(),
        "linear" => format!(r#"{{"action":"create","type":"Issue","webhookTimestamp":{AT}}}"#).into_bytes(),
        "box" | "slack" => SPACED.to_vec(),
        _ => NESTED.to_vec(),
    }
}
