import { type Token, xmlTokens } from "./xml";
import type { Steps } from "./slices";

/** What a row of the tree is. */
export type XmlKind = "element" | "text" | "cdata" | "comment" | "instruction" | "doctype";

/** An outline of an XML text, in the order of the text. Nothing is read as XML: no entity is expanded. */
export interface XmlTree {
  text: string;
  kinds: XmlKind[];
  /** Where each node's own markup (an element's opening tag) stands. */
  starts: number[];
  ends: number[];
  /** Where each ends with all that is inside of it. */
  wholeEnds: number[];
  depths: number[];
  /** How many nodes each spans, itself included. */
  spans: number[];
  /** The one text that an element holds, where that is all it holds: the text's place, else -1. */
  onlyText: number[];
  /** Why it ends before the text does, or what does not match, or `null`. */
  note: string | null;
}

/** More nodes than this are not outlined. */
export const NODE_LIMIT = 1_000_000;
const STEP = 5_000;

/** Outlines a text, with a rest now and then. */
export function* xmlTreeSteps(text: string, limit = NODE_LIMIT): Steps<XmlTree> {
  const tree: XmlTree = {
    text,
    kinds: [],
    starts: [],
    ends: [],
    wholeEnds: [],
    depths: [],
    spans: [],
    onlyText: [],
    note: null,
  };
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
  if (open.length > 0) tree.note ??= `<${nameOf(tree, open.at(-1) ?? 0)}> is never closed.`;
  for (const node of open) {
    tree.spans[node] = tree.kinds.length - node;
    tree.wholeEnds[node] = text.length;
  }
  return tree;
}

function add(tree: XmlTree, kind: XmlKind, { start, end }: Token, open: number[]): number {
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
    tree.onlyText[parent] = isFirst && (kind === "text" || kind === "cdata") ? node : -1;
  }
  return node;
}

function close(tree: XmlTree, open: number[], { start, end }: Token): void {
  const name = tree.text.slice(start + 2, end - 1).trim();
  const node = open.pop();
  if (node === undefined) {
    tree.note ??= `</${name.slice(0, 60)}> closes nothing.`;
    return;
  }
  tree.spans[node] = tree.kinds.length - node;
  tree.wholeEnds[node] = end;
  const opened = nameOf(tree, node);
  if (opened !== name) tree.note ??= `<${opened.slice(0, 60)}> is closed by </${name.slice(0, 60)}>.`;
}

/** The name of an element. */
export function nameOf(tree: XmlTree, node: number): string {
  return /^<([^\s/>]*)/.exec(tree.text.slice(tree.starts[node], (tree.starts[node] ?? 0) + 1_000))?.[1] ?? "";
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

/** The nodes in sight. */
export function visibleXml(tree: XmlTree, open: Uint8Array): Int32Array {
  const rows: number[] = [];
  for (let node = 0; node < tree.kinds.length;) {
    rows.push(node);
    node += open[node] && folds(tree, node) ? 1 : (tree.spans[node] ?? 1);
  }
  return Int32Array.from(rows);
}

/** Unfolded level by level for as long as the rows stay few. */
export function openXmlAtFirst(tree: XmlTree, rows = 400): Uint8Array {
  const open = new Uint8Array(tree.kinds.length);
  const deepest = tree.depths.reduce((most, depth) => Math.max(most, depth), 0);
  const perDepth = new Array<number>(deepest + 2).fill(0);
  for (const depth of tree.depths) perDepth[depth] = (perDepth[depth] ?? 0) + 1;
  let [shown, level] = [perDepth[0] ?? 0, 0];
  while (level <= deepest && (level === 0 || shown + (perDepth[level + 1] ?? 0) <= rows)) {
    level++;
    shown += perDepth[level] ?? 0;
  }
  tree.depths.forEach((depth, node) => (open[node] = depth < level ? 1 : 0));
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
