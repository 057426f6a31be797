import { isContainer, keyEnd, rawText } from "./node";
import { asOne } from "../slices";
import { type JsonIndex, Kind, scanJson } from "./scan";

/** Deeper values are not indented further, so hostile nesting cannot multiply the text. */
const INDENT_LIMIT = 40;
/** A pretty text may grow to this many characters. */
const LENGTH_LIMIT = 64_000_000;

/** How many values are written between two rests. */
const STEP = 4_096;

/**
 * The JSON with one value a line and two spaces a level; keys, strings and numbers exactly as they came.
 * `null` where the text would grow beyond measure.
 */
export function prettyJson(index: JsonIndex): string | null {
  const steps = prettyJsonSteps(index);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** The same with a rest now and then, so that a large text does not hold up the page. */
export function* prettyJsonSteps(index: JsonIndex): Generator<void, string | null, void> {
  // Lines are joined bit by bit, and these grow to one: what grows line by line is put together at the end, which
  // takes long, and joining all of it at once does too.
  let whole = "";
  let lines: string[] = [];
  let length = 0;
  const add = (node: number, content: string): void => {
    const line = indents[Math.min(index.depth[node]!, INDENT_LIMIT)] + content;
    length += line.length + 1;
    lines.push(line);
  };
  // The containers around the value at hand, innermost last.
  const around: number[] = [];
  const closeUpTo = (node: number): void => {
    for (let top = around.at(-1); top !== undefined && node >= top + index.span[top]!; top = around.at(-1)) {
      add(top, bracketsOf(index, top)[1] + comma(index, top));
      around.pop();
    }
  };
  for (let node = 0; node < index.count; node++) {
    closeUpTo(node);
    const key = index.key[node]! < 0 ? "" : `${index.text.slice(index.key[node], keyEnd(index, node))}: `;
    if (!isContainer(index, node)) add(node, key + rawText(index, node) + comma(index, node));
    else if (index.children[node] === 0) add(node, key + bracketsOf(index, node) + comma(index, node));
    else {
      add(node, key + bracketsOf(index, node)[0]);
      around.push(node);
    }
    if (length > LENGTH_LIMIT) return null;
    if (node % STEP === STEP - 1) {
      whole += (whole === "" ? "" : "\n") + lines.join("\n");
      lines = [];
      yield;
    }
  }
  closeUpTo(index.count);
  if (lines.length > 0) whole += (whole === "" ? "" : "\n") + lines.join("\n");
  return yield* asOne(whole);
}

/** One value of a text, arranged; as it came where it is too large for that. */
export function arranged(index: JsonIndex, node: number): string {
  const raw = rawText(index, node);
  const alone = scanJson(raw).index;
  return (alone && prettyJson(alone)) ?? raw;
}

const indents = Array.from({ length: INDENT_LIMIT + 1 }, (_, depth) => "  ".repeat(depth));

function bracketsOf(index: JsonIndex, node: number): "{}" | "[]" {
  return index.kind[node]! === Kind.object ? "{}" : "[]";
}

/** A comma where a sibling follows. */
function comma(index: JsonIndex, node: number): "," | "" {
  const parent = index.parent[node]!;
  return parent >= 0 && node + index.span[node]! < parent + index.span[parent]! ? "," : "";
}
