/** What a part of a filter is, for its colour. */
export type PartKind = "field" | "value" | "text" | "joint";

export interface Part {
  text: string;
  kind: PartKind | null;
  /** Stands in a place that the server finds fault with. */
  wrong: boolean;
}

interface Word {
  start: number;
  end: number;
  /** Where the value begins, behind the colon; null where there is no field. */
  value: number | null;
}

const joints = ["or", "OR", "and", "AND", "not", "NOT"];
/** The signs behind which a quotation may begin within a word. */
const opening = ":=~<>,.";

/** The words of a filter, by characters. The server is who judges them. */
function wordsOf(letters: readonly string[]): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < letters.length) {
    if (/[\s()-]/.test(letters[at] ?? "")) {
      at += 1;
      continue;
    }
    const word: Word = { start: at, end: at, value: null };
    let before = "";
    while (at < letters.length && !/[\s()]/.test(letters[at] ?? "")) {
      const letter = letters[at] ?? "";
      if (letter === '"' && (at === word.start || (word.value !== null && opening.includes(before)))) {
        at += 1;
        while (at < letters.length && letters[at] !== '"') at += letters[at] === "\\" ? 2 : 1;
        at = Math.min(at + 1, letters.length);
        before = '"';
        if (word.value === null) break;
        continue;
      }
      if (letter === ":" && word.value === null && isName(letters.slice(word.start, at).join(""))) {
        word.value = at + 1;
      }
      before = letter;
      at += 1;
    }
    word.end = at;
    words.push(word);
  }
  return words;
}

const isName = (text: string): boolean => /^[\p{Alphabetic}_-]+$/u.test(text);

/** A filter cut up for its colours; `wrong` are the stretches of faults, in characters. */
export function partsOf(text: string, wrong: readonly { start: number; end: number }[] = []): Part[] {
  const letters = Array.from(text);
  const kinds: (PartKind | null)[] = letters.map(() => null);
  for (const word of wordsOf(letters)) {
    const whole = letters.slice(word.start, word.end).join("");
    const value = word.value ?? word.start;
    kinds.fill("field", word.start, value);
    kinds.fill(word.value !== null ? "value" : joints.includes(whole) ? "joint" : "text", value, word.end);
  }
  letters.forEach((letter, at) => {
    if (kinds[at] === null && letter === "-") kinds[at] = "joint";
  });
  const isWrong = (at: number) =>
    wrong.some(({ start, end }) => at >= start && at < Math.max(end, start + 1));
  const parts: Part[] = [];
  letters.forEach((letter, at) => {
    const last = parts.at(-1);
    const kind = kinds[at] ?? null;
    if (last && last.kind === kind && last.wrong === isWrong(at)) last.text += letter;
    else parts.push({ text: letter, kind, wrong: isWrong(at) });
  });
  return parts;
}

/** Whether somebody is in the middle of a word, so that there is nothing to look for yet. */
export function isUnfinished(text: string): boolean {
  const letters = Array.from(text);
  const last = wordsOf(letters).at(-1);
  const end = text.trimEnd();
  if (/(^|\s)-$/.test(end)) return true;
  if (!last) return false;
  const word = letters.slice(last.start, last.end).join("");
  if (joints.includes(word) && last.end >= Array.from(end).length) return true;
  if (last.value !== null && last.end === last.value) return true;
  const quotes = word.replace(/\\./g, "").split('"').length - 1;
  return quotes % 2 === 1 && (word.startsWith('"') || last.value !== null);
}

/** A text as it is written where it stands for itself. */
export function quoted(text: string): string {
  if (/^[\p{L}\p{N}/][\p{L}\p{N}_\-./+@%#&!$^|;{}[\]?':]*$/u.test(text)) return text;
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** Text to be looked for anywhere; in quotes where it would be read as something else. */
export function asText(text: string): string {
  return /^[\p{L}\p{N}]+$/u.test(text) && !joints.includes(text) && !verdicts.includes(text)
    ? text
    : `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

const verdicts = ["valid", "invalid", "unsigned", "no_secret", "not_checked"];

/** Those words of the filter that are about the field, or are a verdict where that is asked for. */
function about(letters: readonly string[], field: string): Word[] {
  return wordsOf(letters).filter((word) => {
    const name = letters.slice(word.start, (word.value ?? word.start + 1) - 1).join("");
    if (word.value !== null) return name.toLowerCase() === field;
    return field === "is" && verdicts.includes(letters.slice(word.start, word.end).join(""));
  });
}

/** The filter with another value for a field, or without it: its words give way to the new one. */
export function withValue(text: string, field: string, value: string | null): string {
  const letters = Array.from(text);
  const words = about(letters, field);
  const next = value === null ? "" : field === "is" && verdicts.includes(value) ? value : `${field}:${value}`;
  let result = "";
  let from = 0;
  words.forEach((word, index) => {
    result += letters.slice(from, word.start).join("") + (index === 0 ? next : "");
    from = word.end;
  });
  result += letters.slice(from).join("");
  if (words.length === 0 && next) result = `${result.trimEnd()} ${next}`;
  return tidy(result);
}

/** Without what is left over where a word was taken away: a sign that negates nothing, two spaces. */
function tidy(text: string): string {
  const letters = Array.from(text);
  const words = wordsOf(letters);
  const inWord = (at: number) => words.some((word) => at >= word.start && at < word.end);
  let result = "";
  letters.forEach((letter, at) => {
    const isLoose = letter === "-" && !inWord(at) && /^(\s|\))?$/.test(letters[at + 1] ?? "");
    const isDouble = /\s/.test(letter) && !inWord(at) && (result === "" || result.endsWith(" "));
    if (!isLoose && !isDouble) result += letter;
  });
  return result.trim();
}

/** The value that a field has in the filter; null where it has none, or several. */
export function valueOf(text: string, field: string): string | null {
  const letters = Array.from(text);
  const words = about(letters, field);
  const word = words[0];
  if (!word || words.length > 1) return null;
  return letters.slice(word.value ?? word.start, word.end).join("");
}

/** A place in a JavaScript string as one in characters, as the server counts them. */
export function inCharacters(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}
