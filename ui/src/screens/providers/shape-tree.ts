import type { ShapeField } from "$api/types";

/** A share in percent: nothing is rounded up to all, nor down to nothing. */
export function percent(seen: number, of: number): string {
  if (of === 0) return "";
  const share = (100 * seen) / of;
  if (share > 0 && share < 1) return "< 1 %";
  return `${share < 100 ? Math.min(99, Math.round(share)) : 100} %`;
}

/** What was seen at a place: its types, each with its share where there are several. */
export function typesText(field: ShapeField): string {
  const [only, ...others] = field.types;
  if (!only) return "";
  if (others.length === 0) return only.type;
  return field.types.map((one) => `${one.type} ${percent(one.count, field.seen)}`).join(", ");
}

/** Which of the places have others below them, by their number. */
export function parents(fields: ShapeField[]): Set<number> {
  const found = new Set<number>();
  fields.forEach((field, at) => {
    const next = fields[at + 1];
    if (next && next.depth > field.depth) found.add(at);
  });
  return found;
}

/** The numbers of those that are in sight while these are folded. */
export function inSight(fields: ShapeField[], folded: ReadonlySet<string>): number[] {
  const shown: number[] = [];
  let below = Infinity;
  fields.forEach((field, at) => {
    if (field.depth > below) return;
    below = folded.has(field.path) ? field.depth : Infinity;
    shown.push(at);
  });
  return shown;
}
