import { headerLines } from "$api/header-lines";
import type { Headers } from "$api/types";

/** Stands in an answer for a secret that is there and not shown. */
export const veil = "(the secret)";

/** Whether a value among these stands for one that is not shown. */
export function hasVeiled(headers: Headers): boolean {
  return headers.some(([, value]) => typeof value === "string" && value.endsWith(veil));
}

/** Whether a request holds something that stands for a secret. */
export function isVeiled({ url, headers }: { url: string; headers: Headers }): boolean {
  return url.includes(veil) || hasVeiled(headers);
}

/**
 * Lines of headers as somebody edits them, with those that still stand as `from` has them put as `to` has them, each
 * once; what was changed stays as it was typed.
 */
export function exchanged(text: string, from: Headers, to: Headers): string {
  const pairs = from.map((one, index) => ({
    was: headerLines([one]),
    is: headerLines(to[index] ? [to[index]] : [one]),
  }));
  const lines = text.split("\n").map((line) => {
    const at = pairs.findIndex(({ was }) => was === line.trim());
    return at < 0 ? line : (pairs.splice(at, 1)[0]?.is ?? line);
  });
  return lines.join("\n");
}

/** What was revealed among headers, to be copied: the values whose places were veiled. */
export function revealedOf(veiled: Headers, revealed: Headers): { label: string; text: string }[] {
  return revealed.flatMap(([name, value], index) => {
    const [, shown] = veiled[index] ?? [name, value];
    if (typeof value !== "string" || shown === value) return [];
    // Of an authorization the word that names its kind is shown always, and is no part of the secret.
    const kind = typeof shown === "string" && shown.endsWith(veil) ? shown.length - veil.length : 0;
    return [{ label: `Copy ${name}`, text: value.slice(kind) }];
  });
}
