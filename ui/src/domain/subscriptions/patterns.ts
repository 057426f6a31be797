/** Subscriptions: `*` for all, a name, or a prefix such as `message.*`. */

export const everything = "*";

/** Whether a pattern matches an event type. */
export function matches(pattern: string, type: string): boolean {
  if (pattern === everything) return true;
  return pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}

export function subscribes(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => matches(pattern, type));
}

export interface TypeGroup {
  /** `message.*`, or null for types that share no prefix with another. */
  prefix: string | null;
  types: string[];
}

/** Event types by what stands before their first point, in the order in which they come. */
export function groupTypes(types: readonly string[]): TypeGroup[] {
  const groups = new Map<string, string[]>();
  for (const type of types) {
    const head = type.includes(".") ? `${type.slice(0, type.indexOf("."))}.*` : "";
    groups.set(head, [...(groups.get(head) ?? []), type]);
  }
  return [...groups].map(([prefix, inside]) => ({ prefix: prefix === "" ? null : prefix, types: inside }));
}

/** The patterns with one put in or taken out. What a new prefix already covers is dropped. */
export function toggle(patterns: readonly string[], pattern: string): string[] {
  if (patterns.includes(pattern)) return patterns.filter((one) => one !== pattern);
  const kept = pattern.endsWith(".*") ? patterns.filter((one) => !matches(pattern, one)) : [...patterns];
  return [...kept, pattern];
}

/** Subscriptions for a row: "all events", "message.*, link.clicked", "message.sent and 4 more", "no events". */
export function patternsText(patterns: readonly string[], most = 2): string {
  if (patterns.includes(everything)) return "all events";
  if (patterns.length === 0) return "no events";
  if (patterns.length <= most) return patterns.join(", ");
  return `${patterns[0] ?? ""} and ${patterns.length - 1} more`;
}
