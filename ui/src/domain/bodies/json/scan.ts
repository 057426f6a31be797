/**
 * An index over a JSON text: where each value stands and how it nests, in flat columns. Nothing is converted, so
 * a number is shown with the digits it came with, duplicate keys are both there, and ten million characters or
 * a hundred thousand levels cost neither recursion nor an object a value.
 */

export const Kind = { object: 0, array: 1, string: 2, number: 3, true: 4, false: 5, null: 6 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Values are numbered in the order they stand in the text; 0 is the whole. */
export interface JsonIndex {
  text: string;
  count: number;
  kind: Uint8Array;
  /** Offsets of the value, quotes and brackets included. */
  start: Int32Array;
  end: Int32Array;
  /** Offset of the member's key (its opening quote), or -1 where the value has none. */
  key: Int32Array;
  /** How many values this one spans, itself included: the next sibling of `i` is `i + span[i]`. */
  span: Int32Array;
  parent: Int32Array;
  /** The place among the siblings, from 0. */
  position: Int32Array;
  /** Values directly inside. */
  children: Int32Array;
  depth: Int32Array;
}

export interface JsonError {
  /** Offset into the text at which it stops being JSON. */
  offset: number;
  message: string;
  /** Whether it is JSON as far as it was read, and only too much of it. */
  isTooMuch: boolean;
}

export type ScanResult = { index: JsonIndex; error: null } | { index: null; error: JsonError };

/** More values than this are not indexed (a tree of them would take over 130 MB). */
export const VALUE_LIMIT = 4_000_000;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const COLUMNS = ["start", "end", "key", "span", "parent", "position", "children", "depth"] as const;

type Columns = Record<(typeof COLUMNS)[number], Int32Array<ArrayBuffer>> & { kind: Uint8Array<ArrayBuffer> };
type Expect = "value" | "first value or ]" | "key" | "first key or }" | "colon" | "comma or end" | "nothing";

class Unreadable extends Error {
  constructor(readonly at: JsonError) {
    super(at.message);
  }
}

/** A scan that can be done in pieces, so that a large text does not hold up the page. */
export class JsonScan {
  readonly #text: string;
  readonly #limit: number;
  #columns: Columns = newColumns(256);
  #count = 0;
  #at = 0;
  /** The innermost open container, -1 outside of any. */
  #open = -1;
  #key = -1;
  #expect: Expect = "value";
  #result: ScanResult | null = null;
  /** Where this piece of the work ends. */
  #stop = Infinity;
  /** How far a string was read whose end was not in sight; 0 outside of any. */
  #reached = 0;

  constructor(text: string, limit = VALUE_LIMIT) {
    this.#text = text;
    this.#limit = limit;
    // A byte order mark is not JSON, but common enough to be read past.
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  /** How far the scan is, from 0 to 1. */
  get progress(): number {
    return this.#text.length === 0 ? 1 : this.#place / this.#text.length;
  }

  get #place(): number {
    return Math.max(this.#at, this.#reached);
  }

  /** Reads about `budget` more characters; gives the result when the end (or an error) is reached. */
  run(budget: number): ScanResult | null {
    // Making room takes as long as reading: it is a piece of work of its own.
    if (budget < Infinity && this.#makeRoom(budget)) return null;
    this.#stop = this.#place + budget;
    try {
      while (this.#result === null && this.#place < this.#stop) this.#step();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#result = { index: null, error: error.at };
    }
    return this.#result;
  }

  #step(): void {
    this.#skipSpace();
    if (this.#at >= this.#stop && this.#at < this.#text.length) return;
    if (this.#at >= this.#text.length) {
      if (this.#expect !== "nothing") this.#fail("The text ends before the JSON does.");
      this.#result = { index: this.#finish(), error: null };
      return;
    }
    const code = this.#text.charCodeAt(this.#at);
    switch (this.#expect) {
      case "value":
        return this.#value(code);
      case "first value or ]":
        return code === 0x5d ? this.#close() : this.#value(code);
      case "first key or }":
        return code === 0x7d ? this.#close() : this.#readKey(code);
      case "key":
        return this.#readKey(code);
      case "colon":
        if (code !== 0x3a) this.#fail("A colon is missing after the key.");
        this.#at++;
        this.#expect = "value";
        return;
      case "comma or end":
        return this.#commaOrEnd(code);
      case "nothing":
        return this.#fail("More text follows after the JSON value.");
    }
  }

  #skipSpace(): void {
    const end = Math.min(this.#text.length, this.#stop);
    for (; this.#at < end; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #value(code: number): void {
    if (code === 0x7b) return this.#openContainer(Kind.object, "first key or }");
    if (code === 0x5b) return this.#openContainer(Kind.array, "first value or ]");
    if (code === 0x22) {
      const end = this.#stringEnd();
      if (end !== null) this.#leaf(Kind.string, end);
      return;
    }
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = this.#at;
      if (!NUMBER.test(this.#text)) this.#fail("This is not a JSON number.");
      return this.#leaf(Kind.number, NUMBER.lastIndex);
    }
    if (this.#text.startsWith("true", this.#at)) return this.#leaf(Kind.true, this.#at + 4);
    if (this.#text.startsWith("false", this.#at)) return this.#leaf(Kind.false, this.#at + 5);
    if (this.#text.startsWith("null", this.#at)) return this.#leaf(Kind.null, this.#at + 4);
    this.#fail("A JSON value is missing here.");
  }

  #readKey(code: number): void {
    if (code !== 0x22) this.#fail("A key in double quotes is missing here.");
    const end = this.#stringEnd();
    if (end === null) return;
    this.#key = this.#at;
    this.#at = end;
    this.#expect = "colon";
  }

  #commaOrEnd(code: number): void {
    const inObject = this.#columns.kind[this.#open] === Kind.object;
    if (code === (inObject ? 0x7d : 0x5d)) return this.#close();
    if (code !== 0x2c) this.#fail(`A comma or “${inObject ? "}" : "]"}” is missing here.`);
    this.#at++;
    this.#expect = inObject ? "key" : "value";
  }

  #openContainer(kind: Kind, expect: Expect): void {
    this.#open = this.#add(kind);
    this.#at++;
    this.#expect = expect;
  }

  #leaf(kind: Kind, end: number): void {
    const node = this.#add(kind);
    this.#columns.end[node] = end;
    this.#columns.span[node] = 1;
    this.#at = end;
    this.#expect = this.#open < 0 ? "nothing" : "comma or end";
  }

  #close(): void {
    this.#at++;
    this.#columns.end[this.#open] = this.#at;
    this.#columns.span[this.#open] = this.#count - this.#open;
    this.#open = this.#columns.parent[this.#open]!;
    this.#expect = this.#open < 0 ? "nothing" : "comma or end";
  }

  #add(kind: Kind): number {
    const node = this.#count;
    if (node >= this.#limit)
      this.#fail(`More than ${this.#limit.toLocaleString("en-GB")} values.`, this.#at, true);
    if (node === this.#columns.kind.length) this.#columns = grown(this.#columns);
    const columns = this.#columns;
    columns.kind[node] = kind;
    columns.start[node] = this.#at;
    columns.key[node] = this.#key;
    columns.parent[node] = this.#open;
    if (this.#open >= 0) {
      columns.position[node] = columns.children[this.#open]!;
      columns.children[this.#open]!++;
      columns.depth[node] = columns.depth[this.#open]! + 1;
    }
    this.#key = -1;
    this.#count++;
    return node;
  }

  /** Behind the string that begins here; null where that is beyond this piece, and the next goes on. */
  #stringEnd(): number | null {
    const text = this.#text;
    for (let at = Math.max(this.#at + 1, this.#reached); at < text.length; at++) {
      if (at >= this.#stop) {
        this.#reached = at;
        return null;
      }
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.#reached = 0;
        return at + 1;
      }
      if (code < 0x20) this.#fail("A control character stands unescaped in a string.", at);
      if (code !== 0x5c) continue;
      at++;
      const escape = text[at];
      if (escape === "u") {
        HEX4.lastIndex = at + 1;
        if (!HEX4.test(text)) this.#fail("A \\u escape needs four hexadecimal digits.", at - 1);
        at += 4;
      } else if (escape === undefined || !'"\\/bfnrt'.includes(escape)) {
        this.#fail("This escape is not JSON.", at - 1);
      }
    }
    return this.#fail("A string is never closed.");
  }

  /** Makes room for what so many characters can hold, a column at a time; false where there is enough. */
  #makeRoom(characters: number): boolean {
    // A value takes two characters at least, its comma included.
    const most = this.#count + Math.ceil(Math.min(characters, this.#text.length - this.#at) / 2) + 1;
    const wanted = Math.min(most, this.#limit);
    const { kind } = this.#columns;
    if (kind.length >= wanted) return false;
    const length = Math.max(wanted, Math.min(kind.length * 2, this.#limit));
    const name = COLUMNS.find((one) => this.#columns[one].length < length);
    // The kinds come last: they say how much room there is.
    if (name) this.#columns[name] = longer(this.#columns[name], new Int32Array(length));
    else this.#columns.kind = longer(kind, new Uint8Array(length));
    return true;
  }

  #fail(message: string, offset = this.#at, isTooMuch = false): never {
    throw new Unreadable({ offset, message, isTooMuch });
  }

  #finish(): JsonIndex {
    return { text: this.#text, count: this.#count, ...this.#columns };
  }
}

/** Scans a whole text at once: for texts known to be small. */
export function scanJson(text: string, limit = VALUE_LIMIT): ScanResult {
  const scan = new JsonScan(text, limit);
  for (;;) {
    const result = scan.run(Infinity);
    if (result) return result;
  }
}

function newColumns(length: number): Columns {
  const column = (): Int32Array<ArrayBuffer> => new Int32Array(length);
  return {
    kind: new Uint8Array(length),
    start: column(),
    end: column(),
    key: column(),
    span: column(),
    parent: column(),
    position: column(),
    children: column(),
    depth: column(),
  };
}

function longer<T extends Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

function grown(old: Columns): Columns {
  const larger = newColumns(old.kind.length * 2);
  larger.kind.set(old.kind);
  for (const name of COLUMNS) longer(old[name], larger[name]);
  return larger;
}
