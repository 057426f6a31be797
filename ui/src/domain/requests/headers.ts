import type { Headers } from "$api/types";

/** The value of the first header of a name that is text, or `null`. */
export function headerText(headers: Headers, name: string): string | null {
  const found = headers.find(([one, value]) => one.toLowerCase() === name && typeof value === "string");
  return typeof found?.[1] === "string" ? found[1] : null;
}

/** The names, in lower case, that stand more than once. */
export function repeatedNames(headers: Headers): Set<string> {
  const names = headers.map(([name]) => name.toLowerCase());
  return new Set(names.filter((name, index) => names.indexOf(name) !== index));
}

/** Headers that belong to one connection and are made anew for the next. */
const ofTheConnection = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a header is written by whoever sends, not taken over; so are the pseudo headers of HTTP/2. */
export function isOfTheConnection(name: string): boolean {
  return name.startsWith(":") || ofTheConnection.has(name.toLowerCase());
}

/** What can be edited of headers: neither what is written anew nor what `Connection` keeps for whoever is connected. */
export function editableHeaders(headers: Headers): Headers {
  const named = new Set(
    headers.flatMap(([name, value]) =>
      name.toLowerCase() === "connection" && typeof value === "string"
        ? value.split(",").map((one) => one.trim().toLowerCase())
        : [],
    ),
  );
  return headers.filter(([name]) => !isOfTheConnection(name) && !named.has(name.toLowerCase()));
}
