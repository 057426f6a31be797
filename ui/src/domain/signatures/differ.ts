/** Where two spellings of a signature part. */

/** The place of the first character that differs, or `null` where they are the same. */
export function firstDifference(one: string, other: string): number | null {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at++) if (one[at] !== other[at]) return at;
  return one.length === other.length ? null : shorter;
}

/** What the difference says by itself, in a sentence. */
export function differenceWords(expected: string, received: string): string {
  const at = firstDifference(expected, received);
  if (at === null) return "They are the same.";
  if (received === "") return "It is empty.";
  if (expected.toLowerCase() === received.toLowerCase())
    return `They differ in the case of letters only, first at character ${at + 1}.`;
  if (at === received.length) return `What was received ends after ${at} of ${expected.length} characters.`;
  if (at === expected.length) return `What was received goes on after the end, at character ${at + 1}.`;
  // By chance some first characters agree; more than that do not.
  if (at < 4) return "Nothing of it agrees: it is over other bytes, or made with another secret.";
  return `They differ from character ${at + 1} on.`;
}
