import { visibleText } from "../bodies/visible";

const words: Record<string, string> = {
  zoom_plain_token: "Answered Zoom’s URL validation",
  slack_url_verification: "Answered Slack’s URL verification",
  meta_hub_challenge: "Answered Meta’s verification request",
  dropbox_challenge: "Answered Dropbox’s challenge",
  okta_challenge: "Answered Okta’s verification challenge",
  asana_hook_secret: "Answered Asana’s handshake",
  trello_head: "Answered Trello’s HEAD request",
  cloudevents_options: "Answered the CloudEvents OPTIONS handshake",
};

/** What a handshake was: "Answered Slack’s URL verification". */
export function handshakeWords(kind: string): string {
  return words[kind] ?? `Answered a handshake: ${visibleText(kind.slice(0, 80))}`;
}
