import { recall, remember } from "$shared/memory";
import type { HandlerSnippet, SnippetInfo } from "$api/types";

const key = "snippet.language";

/** The language chosen last, where it is among those there are; else the first. */
export function preferred(all: SnippetInfo[]): string | null {
  const last = recall(key);
  return all.find((one) => one.language === last)?.language ?? all[0]?.language ?? null;
}

export function prefer(language: string): void {
  remember(key, language);
}

export interface Span {
  from: number;
  to: number;
}

/** The lines of a handler that have to do with a topic, in order and without overlap. */
export function linesOf({ sections }: Pick<HandlerSnippet, "sections">, topics: string[]): Span[] {
  return merged(
    sections
      .filter(({ topic }) => topics.includes(topic))
      .map(({ from_line, to_line }) => ({ from: from_line, to: to_line })),
  );
}

/** The same lines with some round them, to see where they stand. */
export function withContext(spans: Span[], lines: number, around = 2): Span[] {
  return merged(
    spans.map(({ from, to }) => ({ from: Math.max(1, from - around), to: Math.min(lines, to + around) })),
  );
}

function merged(spans: Span[]): Span[] {
  const out: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && span.from <= last.to + 1) last.to = Math.max(last.to, span.to);
    else out.push({ ...span });
  }
  return out;
}
