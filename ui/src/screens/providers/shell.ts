/** Splits a command as a POSIX shell does, as far as copied commands need it. */

const escapes: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  v: "\v",
};

/** The words of the first command in `text`, quotes and continued lines resolved. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  const put = (piece: string) => (word = (word ?? "") + piece);
  while (at < text.length) {
    const char = text[at]!;
    if (char === "\\" && /^\\\r?\n/.test(text.slice(at, at + 3))) {
      at = text.indexOf("\n", at) + 1;
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at++;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      put(text.slice(at + 1, end < 0 ? undefined : end));
      at = end < 0 ? text.length : end + 1;
    } else if (char === '"') {
      at = doubleQuoted(text, at + 1, put);
    } else if (char === "$" && text[at + 1] === "'") {
      at = ansiQuoted(text, at + 2, put);
    } else if (char === "\\" && at + 1 < text.length) {
      put(text[at + 1]!);
      at += 2;
    } else if (/[|;&<>]/.test(char)) {
      break;
    } else {
      put(char);
      at++;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

function doubleQuoted(text: string, from: number, put: (piece: string) => void): number {
  put("");
  let at = from;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === "\\" && /["\\$`\n]/.test(text[at + 1] ?? "")) {
      if (text[at + 1] !== "\n") put(text[at + 1]!);
      at += 2;
    } else put(text[at++]!);
  }
  return at + 1;
}

function ansiQuoted(text: string, from: number, put: (piece: string) => void): number {
  put("");
  let at = from;
  while (at < text.length && text[at] !== "'") {
    if (text[at] !== "\\") {
      put(text[at++]!);
      continue;
    }
    const code = /^\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{1,4})|U([0-9a-f]{1,8})|([0-7]{1,3}))/i.exec(
      text.slice(at, at + 10),
    );
    if (code) {
      const [whole, x, u, long, octal] = code;
      put(String.fromCodePoint(octal ? parseInt(octal, 8) : parseInt((x ?? u ?? long)!, 16)));
      at += whole.length;
    } else {
      put(escapes[text[at + 1] ?? ""] ?? text[at + 1] ?? "");
      at += 2;
    }
  }
  return at + 1;
}
