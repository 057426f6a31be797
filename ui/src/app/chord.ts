/**
 * How keys are written: one key ("r", "/", "Escape"), several with "+" ("Mod+k", where Mod is ⌘ on a Mac and
 * Ctrl elsewhere), or a sequence with a space ("g d").
 */
export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** The name of what was pressed. Shift is part of the character itself ("?"). */
export function nameOf(stroke: Stroke): string {
  const mod = stroke.ctrlKey || stroke.metaKey ? "Mod+" : "";
  const alt = stroke.altKey ? "Alt+" : "";
  const key = stroke.key.length === 1 && mod ? stroke.key.toLowerCase() : stroke.key;
  return mod + alt + key;
}

/** Keys as they are shown: one entry for each cap. */
export function caps(keys: string, mac: boolean): string[][] {
  return keys.split(" ").map((stroke) =>
    stroke.split(/\+(?=.)/).map((cap) => {
      if (cap === "Mod") return mac ? "⌘" : "Ctrl";
      if (cap === "Enter") return "↵";
      if (cap === "Escape") return "Esc";
      if (cap === "ArrowDown") return "↓";
      return cap.length === 1 ? cap.toUpperCase() : cap;
    }),
  );
}

/** Reads strokes one after another and finds the keys they complete. */
export class ChordReader {
  #pending = "";
  #at = 0;

  /** `now` is in milliseconds; a sequence begun over a second ago is forgotten. */
  read(stroke: Stroke, known: ReadonlySet<string>, now: number): { match: string } | { wait: true } | null {
    const name = nameOf(stroke);
    const begun = this.#pending && now - this.#at < 1_000 ? `${this.#pending} ` : "";
    this.#pending = "";
    for (const candidate of begun ? [begun + name, name] : [name]) {
      if (known.has(candidate)) return { match: candidate };
    }
    if ([...known].some((keys) => keys.startsWith(`${name} `))) {
      this.#pending = name;
      this.#at = now;
      return { wait: true };
    }
    return null;
  }
}
