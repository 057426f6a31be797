/** What a proven cause is called, by its stable code. */
const titles: Record<string, string> = {
  body_newline_added: "A line end was added to the body",
  body_newline_lost: "The body lost its last line end",
  body_bom: "A byte order mark stands before the body, or was taken away",
  body_reserialized: "The body was parsed and written anew",
  body_keys_sorted: "The body’s keys were sorted",
  body_unicode_escaped: "Characters of the body were escaped, or unescaped",
  body_slash_escaped: "Slashes of the body were escaped, or unescaped",
  body_latin1: "The body changed its character set",
  body_line_endings: "The body’s line ends were changed",
  body_compressed: "The body is signed in its other form of compression",
  body_base64: "The body is signed in its other form: base64",
  body_form_reencoded: "The form was read and encoded anew",
  body_number_rewritten: "A number of the body was rewritten",
  body_empty: "The signature is over an empty body",
  secret_whitespace: "The secret has a space or a line end round it",
  secret_prefix: "The secret is used with its prefix, or without",
  secret_encoding: "The secret is decoded where it should not be, or not where it should",
  secret_other_endpoint: "It is signed with the secret of another",
  secret_rotated: "It is signed with a secret that was rotated away",
  digest_encoding: "The signature is spelt in another encoding",
  digest_case: "The signature is spelt in the other case",
  digest_prefix: "The signature’s prefix is missing, or another",
  digest_algorithm: "The signature is made with another hash",
  digest_truncated: "The signature is cut off",
  digest_plain_hash: "It is a plain hash: no secret took part",
  content_timestamp: "Another time is signed than the one that was sent",
  content_id: "Another id is signed than the one that was sent",
  content_separator: "The parts of the content are joined otherwise",
  content_order: "The parts of the content stand in another order",
  content_body_only: "The body alone is signed",
  time_stale: "It was signed too long ago",
  time_future: "It was signed in the future",
  time_unit: "The time is in another unit",
  url_scheme: "It is signed for the other of http and https",
  url_port: "It is signed for another port",
  url_trailing_slash: "A slash at the end of the address makes the difference",
  url_host: "It is signed for another host",
  url_query: "It is signed for the address with another query",
  url_encoding: "The address is encoded otherwise",
  url_prefix: "A prefix of the path was added, or taken away",
  header_missing: "The signature’s header did not arrive",
  header_renamed: "The signature came in a header of another name",
  header_wrong_one: "The signature is in another of the headers that came",
  header_joined: "Several headers were joined to one",
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
