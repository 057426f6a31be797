/** Where the page is: `#/<screen>/<id>/<rest…>?<query>`. */
export interface Route {
  screen: string;
  id: string | null;
  rest: string[];
  query: Record<string, string>;
}

export type RouteQuery = Record<string, string | null | undefined>;

export const homeScreen = "overview";

/** Reads an address; one that cannot be read leads home, since a broken link should still open. */
export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#?\/?/, "");
  const cut = text.indexOf("?");
  const path = cut < 0 ? text : text.slice(0, cut);
  const [screen, id, ...rest] = path.split("/").filter(Boolean).map(decode);
  const query: Record<string, string> = {};
  if (cut >= 0) for (const [name, value] of new URLSearchParams(text.slice(cut + 1))) query[name] = value;
  return { screen: screen ?? homeScreen, id: id ?? null, rest, query };
}

/** The address of a place; empty parameters are left out. */
export function formatRoute(
  screen: string,
  id: string | null = null,
  query: RouteQuery = {},
  rest: string[] = [],
): string {
  const parts = [screen, ...(id === null ? [] : [id, ...rest])].map(encodeURIComponent);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const text = parameters.toString();
  return `#/${parts.join("/")}${text ? `?${text}` : ""}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
