import { isHidden, MARK_COLUMNS } from "./visible";
import { firstAtOrAfter } from "./find";
import { atOnce, type Steps } from "./slices";

/** More rows than this are not laid out; hex and saving still reach everything. */
export const ROW_LIMIT = 4_000_000;

/**
 * A text cut into rows that fit a number of columns, so that only the rows in sight need drawing and a body
 * that is one line of 10 MiB scrolls like any other.
 */
export interface TextRows {
  text: string;
  /** Offset at which each row starts; one more entry than rows, the last is where the last row ends. */
  starts: Int32Array;
  /** Line number (from 1) where the row begins a line, 0 where it goes on. */
  lines: Int32Array;
  /** Number of lines. */
  lineCount: number;
  /** Whether the text has more rows than were laid out. */
  cut: boolean;
}

/** Characters laid out between two rests. */
const STEP = 1 << 18;

/** Lays a text out in rows of at most `columns` columns (at least 8). */
export function layOutRows(text: string, columns: number, limit = ROW_LIMIT): TextRows {
  return atOnce(layOutRowsSteps(text, columns, limit));
}

/** The same with a rest now and then, so that a large text does not hold up the page. */
export function* layOutRowsSteps(text: string, columns: number, limit = ROW_LIMIT): Steps<TextRows> {
  const width = Math.max(8, columns);
  let starts = new Int32Array(256);
  let lines = new Int32Array(256);
  let count = 0;
  let line = 1;
  const push = (start: number, lineNumber: number): void => {
    if (count + 1 >= starts.length) {
      starts = grown(starts);
      lines = grown(lines);
    }
    starts[count] = start;
    lines[count] = lineNumber;
    count++;
  };
  push(0, 1);
  let used = 0;
  let at = 0;
  for (; at < text.length && count < limit; at++) {
    if (at % STEP === STEP - 1) yield;
    const code = text.charCodeAt(at);
    if (code === 10) {
      push(at + 1, ++line);
      used = 0;
      continue;
    }
    const taken = code === 13 && text.charCodeAt(at + 1) === 10 ? 0 : columnsOf(code);
    const low = code >= 0xdc00 && code <= 0xdfff;
    if (used + taken > width && used > 0 && !low) {
      push(at, 0);
      used = 0;
    }
    used += taken;
  }
  const cut = at < text.length;
  starts[count] = cut ? at : text.length;
  return { text, starts: starts.slice(0, count + 1), lines: lines.slice(0, count), lineCount: line, cut };
}

/** How many lines a text has, the last one counted even if it is empty. */
export function countLines(text: string): number {
  return atOnce(countLinesSteps(text));
}

/** The same with a rest now and then. */
export function* countLinesSteps(text: string): Steps<number> {
  let lines = 1;
  let rested = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines++;
    if (at - rested < STEP) continue;
    rested = at;
    yield;
  }
  return lines;
}

/** How many rows there are. */
export function rowCount(rows: TextRows): number {
  return rows.lines.length;
}

/** Where the shown text of a row starts and ends, its line end left out. */
export function rowSpan(rows: TextRows, row: number): { start: number; end: number } {
  const start = rows.starts[row]!;
  let end = rows.starts[row + 1]!;
  if (end > start && rows.text.charCodeAt(end - 1) === 10) {
    end--;
    if (end > start && rows.text.charCodeAt(end - 1) === 13) end--;
  }
  return { start, end };
}

/** The row that shows the character at `offset`. */
export function rowAt(rows: TextRows, offset: number): number {
  const row = firstAtOrAfter(rows.starts.subarray(0, rowCount(rows)), offset + 1) - 1;
  return Math.max(0, row);
}

/** Line and column (both from 1) of an offset. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

function columnsOf(code: number): number {
  if (code === 9) return 4;
  if (code < 0x7f && code >= 0x20) return 1;
  if (isHidden(code)) return MARK_COLUMNS;
  if (code >= 0xd800 && code <= 0xdfff) return 1;
  return code >= 0x1100 ? 2 : 1;
}

function grown(column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}
