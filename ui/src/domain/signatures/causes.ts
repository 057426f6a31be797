/** What a proven cause is called, by its stable code. */
const titles: Record<string, string> = {
  body_newline_added: "A line break was added to the body’s end",
  body_newline_lost: "The line break at the body’s end was lost",
  body_bom: "A byte order mark stands before the body, or is gone",
  body_reserialized: "The JSON was parsed and written anew",
  body_keys_sorted: "The JSON’s keys stand in another order",
  body_unicode_escaped: "Characters of the JSON are escaped otherwise",
  body_slash_escaped: "Slashes of the JSON are escaped otherwise",
  body_latin1: "The text is in another character encoding",
  body_line_endings: "The line breaks were changed",
  body_compressed: "The body is compressed, and its content was signed",
  body_base64: "The body and what was signed differ by one base64",
  body_form_reencoded: "The form was read and written anew",
  body_number_rewritten: "A number of the JSON was written otherwise",
  body_empty: "An empty body was signed, or an empty one is here",
  secret_whitespace: "White space or quotes stand round the secret",
  secret_prefix: "The secret’s prefix is kept on one side only",
  secret_encoding: "The two sides make different keys of the secret",
  secret_other_endpoint: "It is signed with another’s secret",
  secret_rotated: "It is signed with a secret that was replaced",
  digest_encoding: "The signature is spelt in another encoding",
  digest_case: "The signature is in capitals",
  digest_prefix: "What stands round the signature is not the scheme’s",
  digest_algorithm: "Another algorithm made the signature",
  digest_truncated: "The signature is cut short",
  digest_plain_hash: "A plain hash stands where an HMAC should",
  content_timestamp: "The time was left out of what is signed, or put in",
  content_id: "The id was left out of what is signed, or put in",
  content_separator: "The parts of the content are joined otherwise",
  content_order: "The parts of the content stand in another order",
  content_body_only: "The body alone was signed",
  time_stale: "It was signed too long ago",
  time_future: "It was signed in the future",
  time_unit: "The time is written in another unit",
  url_scheme: "It was signed for the other of http and https",
  url_port: "It was signed for another port",
  url_trailing_slash: "A slash at the URL’s end makes the difference",
  url_host: "It was signed for another host",
  url_query: "It was signed for another query",
  url_encoding: "The URL was signed with other percent-encoding",
  url_prefix: "It was signed for another beginning of the path",
  header_missing: "A header that the scheme needs is not there",
  header_renamed: "A header came under another name",
  header_wrong_one: "The right signature is in another header",
  header_joined: "Several values were joined into one header",
  wrong_scheme: "It is signed by another scheme",
};

export const unexplained = "unexplained";

/** The heading of a cause, or `null` for a code that this version does not know. */
export function causeTitle(code: string): string | null {
  return titles[code] ?? null;
}

/** What is left to try where nothing could be proven. */
export const nextSteps = [
  "Check with another secret: the provider may have several, one for each endpoint or for test and live.",
  "Check with another scheme, if you are not sure of the provider.",
  "Ask whether a proxy or a gateway on the way changes the body.",
];
