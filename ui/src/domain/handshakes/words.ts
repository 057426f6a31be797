const handshakes: Record<string, { name: string; answer: string }> = {
  zoom_plain_token: {
    name: "Zoom’s URL validation",
    answer: "the token that came, and its HMAC by the inbox’s secret",
  },
  slack_url_verification: { name: "Slack’s URL verification", answer: "the challenge that came" },
  meta_hub_challenge: {
    name: "Meta’s subscription check",
    answer: "hub.challenge, where hub.verify_token is the one given here",
  },
  dropbox_challenge: { name: "Dropbox’s challenge", answer: "the challenge of the query, as plain text" },
  okta_challenge: { name: "Okta’s one-time verification", answer: "the challenge of its header, as JSON" },
  asana_hook_secret: {
    name: "Asana’s X-Hook-Secret",
    answer: "the same header, and keeps the secret that came with it",
  },
  trello_head: { name: "Trello’s HEAD request", answer: "200" },
  cloudevents_options: {
    name: "CloudEvents’ OPTIONS request",
    answer: "the origin and rate that are allowed",
  },
};

/** A handshake, and what an inbox answers to it. */
export function handshakeText(kind: string): { name: string; answer: string } {
  return handshakes[kind] ?? { name: kind.replaceAll("_", " "), answer: "what it asks for" };
}

/** Kinds that ask for a token which the subscription has to name. */
export function needsVerifyToken(kinds: readonly string[]): boolean {
  return kinds.includes("meta_hub_challenge");
}
