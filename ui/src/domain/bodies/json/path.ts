import { keyOf } from "./node";
import type { JsonIndex } from "./scan";

/** One step of a path: a key, a place in an array, or anything (`*`). */
export type PathStep = { key: string } | { place: number } | { any: true };

const NAME = /[^.[\]"'\s]+/y;
const BRACKETS = /\[\s*(?:(\d+)|\*?|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*\]/y;

/**
 * The steps that a path means, as people write them: `data.to`, `$.items[0].id`, `items[].id`, `a["odd key"]`.
 * `null` where it is no path.
 */
export function parsePath(text: string): { steps: PathStep[]; fromRoot: boolean } | null {
  const trimmed = text.trim();
  const fromRoot = trimmed.startsWith("$");
  const path = fromRoot ? trimmed.slice(1) : trimmed;
  const steps: PathStep[] = [];
  for (let at = 0; at < path.length;) {
    if (path[at] === ".") at++;
    else if (path[at] !== "[" && at > 0) return null;
    const pattern = path[at] === "[" ? BRACKETS : NAME;
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (!match) return null;
    steps.push(pattern === NAME ? named(match[0]) : bracketed(match));
    at = pattern.lastIndex;
  }
  return steps.length === 0 && !fromRoot ? null : { steps, fromRoot };
}

function named(name: string): PathStep {
  return name === "*" ? { any: true } : { key: name };
}

function bracketed([, place, double, single]: RegExpExecArray): PathStep {
  if (place !== undefined) return { place: Number(place) };
  if (double !== undefined) return { key: double.replace(/\\(.)/g, "$1") };
  return single === undefined ? { any: true } : { key: single };
}

/** Whether a value stands at a path: at its end, or from the root on where the path begins there. */
export function standsAt(
  index: JsonIndex,
  node: number,
  path: { steps: PathStep[]; fromRoot: boolean },
): boolean {
  let at = node;
  for (let step = path.steps.length - 1; step >= 0; step--) {
    if (index.parent[at]! < 0 || !fits(index, at, path.steps[step]!)) return false;
    at = index.parent[at]!;
  }
  return !path.fromRoot || index.parent[at]! < 0;
}

function fits(index: JsonIndex, node: number, step: PathStep): boolean {
  if ("any" in step) return true;
  if ("place" in step) return index.key[node]! < 0 && index.position[node] === step.place;
  return index.key[node]! >= 0 && keyOf(index, node)?.toLowerCase() === step.key.toLowerCase();
}

/**
 * A path as JavaScript and most templates write it: `data.items[0]["odd key"]`; empty for the whole. With every
 * place in an array left open (`data.items[].id`) where it is to mean all of them.
 */
export function plainPath(index: JsonIndex, node: number, isOpen = false): string {
  const steps: string[] = [];
  for (let at = node; index.parent[at]! >= 0; at = index.parent[at]!) {
    const key = keyOf(index, at);
    if (key === null) steps.push(isOpen ? "[]" : `[${index.position[at]}]`);
    else steps.push(/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
  }
  return steps.reverse().join("").replace(/^\./, "");
}
