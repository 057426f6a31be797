import { type Token, xmlTokens } from "./xml";
import { ignoringCase, MATCH_LIMIT } from "./find";
import { Ints } from "./ints";
import type { Steps } from "./slices";

/** What a row of the tree is. */
export type XmlKind = "element" | "text" | "cdata" | "comment" | "instruction" | "doctype";

/** An outline of an XML text, in the order of the text. Nothing is read as XML: no entity is expanded. */
export interface XmlTree {
  text: string;
  kinds: XmlKind[];
  /** Where each node's own markup (an element's opening tag) stands. */
  starts: Int32Array;
  ends: Int32Array;
  /** Where each ends with all that is inside of it. */
  wholeEnds: Int32Array;
  depths: Int32Array;
  /** How many nodes each spans, itself included. */
  spans: Int32Array;
  /** The one text that an element holds, where that is all it holds: the text's place, else -1. */
  onlyText: Int32Array;
  /** Why it ends before the text does, or what does not match, or `null`. */
  note: string | null;
}

/** More nodes than this are not outlined. */
export const NODE_LIMIT = 1_000_000;
const STEP = 5_000;

/** Outlines a text, with a rest now and then. */
export function* xmlTreeSteps(text: string, limit = NODE_LIMIT): Steps<XmlTree> {
  const tree = new Growing(text);
  const open: number[] = [];
  let seen = 0;
  for (const token of xmlTokens(text)) {
    if (++seen % STEP === 0) yield;
    if (token === null) {
      tree.note = "This is not well-formed XML: a “<” is never closed.";
      break;
    }
    if (tree.kinds.length >= limit) {
      tree.note = `Only the first ${limit.toLocaleString("en-GB")} nodes are in the tree.`;
      break;
    }
    if (token.kind === "close") close(tree, open, token);
    else if (token.kind !== "text" || text.slice(token.start, token.end).trim() !== "") {
      const node = add(tree, kindOf(text, token), token, open);
      if (token.kind === "open") open.push(node);
    }
  }
  if (open.length > 0) tree.note ??= `<${nameAt(text, tree.starts.at(open.at(-1) ?? 0))}> is never closed.`;
  for (const node of open) {
    tree.spans.set(node, tree.kinds.length - node);
    tree.wholeEnds.set(node, text.length);
  }
  return tree.whole();
}

/** A tree that is being made. */
class Growing {
  readonly kinds: XmlKind[] = [];
  readonly starts = new Ints();
  readonly ends = new Ints();
  readonly wholeEnds = new Ints();
  readonly depths = new Ints();
  readonly spans = new Ints();
  readonly onlyText = new Ints();
  note: string | null = null;

  constructor(readonly text: string) {}

  whole(): XmlTree {
    const { text, kinds, note } = this;
    const [starts, ends] = [this.starts.all(), this.ends.all()];
    const [wholeEnds, depths] = [this.wholeEnds.all(), this.depths.all()];
    const [spans, onlyText] = [this.spans.all(), this.onlyText.all()];
    return { text, kinds, note, starts, ends, wholeEnds, depths, spans, onlyText };
  }
}

function add(tree: Growing, kind: XmlKind, { start, end }: Token, open: number[]): number {
  const parent = open.at(-1);
  const node = tree.kinds.length;
  tree.kinds.push(kind);
  tree.starts.push(start);
  tree.ends.push(end);
  tree.wholeEnds.push(end);
  tree.depths.push(open.length);
  tree.spans.push(1);
  tree.onlyText.push(-1);
  if (parent !== undefined) {
    const isFirst = node === parent + 1;
    tree.onlyText.set(parent, isFirst && (kind === "text" || kind === "cdata") ? node : -1);
  }
  return node;
}

function close(tree: Growing, open: number[], { start, end }: Token): void {
  const name = tree.text.slice(start + 2, end - 1).trim();
  const node = open.pop();
  if (node === undefined) {
    tree.note ??= `</${name.slice(0, 60)}> closes nothing.`;
    return;
  }
  tree.spans.set(node, tree.kinds.length - node);
  tree.wholeEnds.set(node, end);
  const opened = nameAt(tree.text, tree.starts.at(node));
  if (opened !== name) tree.note ??= `<${opened.slice(0, 60)}> is closed by </${name.slice(0, 60)}>.`;
}

/** The name of an element. */
export function nameOf(tree: XmlTree, node: number): string {
  return nameAt(tree.text, tree.starts[node] ?? 0);
}

function nameAt(text: string, start: number): string {
  return /^<([^\s/>]*)/.exec(text.slice(start, start + 1_000))?.[1] ?? "";
}

function kindOf(text: string, token: Token): XmlKind {
  if (token.kind === "open" || token.kind === "empty") return "element";
  if (token.kind === "text") return "text";
  if (text.startsWith("<!--", token.start)) return "comment";
  if (text.startsWith("<![CDATA[", token.start)) return "cdata";
  return text.startsWith("<?", token.start) ? "instruction" : "doctype";
}

/** What an element or text says, for one row: its markup, with its text where that is all it holds. */
export function rowText(tree: XmlTree, node: number, limit: number): { text: string; isCut: boolean } {
  const only = tree.onlyText[node] ?? -1;
  const end = only >= 0 ? (tree.ends[only] ?? 0) : (tree.ends[node] ?? 0);
  const start = tree.starts[node] ?? 0;
  const text = tree.text
    .slice(start, Math.min(end, start + limit))
    .replace(/\s+/g, " ")
    .trim();
  return { text, isCut: end - start > limit };
}

/** Whether a node has something to unfold: a text alone stands on its element's row. */
export function folds(tree: XmlTree, node: number): boolean {
  return (tree.spans[node] ?? 1) > ((tree.onlyText[node] ?? -1) >= 0 ? 2 : 1);
}

/** The nodes in whose markup or text something stands, one more than the limit where there are more. */
export function* findInXmlSteps(tree: XmlTree, needle: string): Steps<number[]> {
  const nodes: number[] = [];
  if (needle === "") return nodes;
  const pattern = ignoringCase(needle);
  for (let node = 0, from = 0; node < tree.kinds.length && nodes.length <= MATCH_LIMIT; node++) {
    pattern.lastIndex = 0;
    if (pattern.test(tree.text.slice(tree.starts[node], tree.ends[node]))) nodes.push(node);
    if (node % STEP !== STEP - 1 && (tree.ends[node] ?? 0) - from < SEARCHED) continue;
    from = tree.ends[node] ?? 0;
    yield;
  }
  return nodes;
}

/** Characters searched between two rests. */
const SEARCHED = 1 << 20;

/** The nodes in sight. */
export function visibleXml(tree: XmlTree, open: Uint8Array): Int32Array {
  const rows = new Ints();
  for (let node = 0; node < tree.kinds.length;) {
    rows.push(node);
    node += open[node] && folds(tree, node) ? 1 : (tree.spans[node] ?? 1);
  }
  return rows.all();
}

/** Unfolded level by level for as long as the rows stay few. */
export function openXmlAtFirst(tree: XmlTree, rows = 400): Uint8Array {
  const open = new Uint8Array(tree.kinds.length);
  const { depths } = tree;
  let deepest = 0;
  for (let node = 0; node < depths.length; node++) deepest = Math.max(deepest, depths[node]!);
  const perDepth = new Int32Array(deepest + 2);
  for (let node = 0; node < depths.length; node++) perDepth[depths[node]!]!++;
  let [shown, level] = [perDepth[0] ?? 0, 0];
  while (level <= deepest && (level === 0 || shown + (perDepth[level + 1] ?? 0) <= rows)) {
    level++;
    shown += perDepth[level] ?? 0;
  }
  for (let node = 0; node < depths.length; node++) open[node] = depths[node]! < level ? 1 : 0;
  return open;
}

/** The path of an element as XPath writes it: `/order/items/item[2]`. */
export function xmlPath(tree: XmlTree, node: number): string {
  const steps: string[] = [];
  let [at, depth] = [node, (tree.depths[node] ?? 0) + 1];
  for (; at >= 0 && depth > 0; at--) {
    if ((tree.depths[at] ?? 0) !== depth - 1) continue;
    depth--;
    steps.push(
      tree.kinds[at] === "element" ? step(tree, at) : tree.kinds[at] === "comment" ? "comment()" : "text()",
    );
  }
  return `/${steps.reverse().join("/")}`;
}

function step(tree: XmlTree, node: number): string {
  const name = nameOf(tree, node);
  let place = 1;
  const depth = tree.depths[node] ?? 0;
  // Siblings before it: as far as a person would count.
  for (
    let at = node - 1, looked = 0;
    at >= 0 && (tree.depths[at] ?? 0) >= depth && looked < 20_000;
    at--, looked++
  ) {
    if (tree.depths[at] === depth && tree.kinds[at] === "element" && nameOf(tree, at) === name) place++;
  }
  return place > 1 ? `${name}[${place}]` : name;
}
