import type { WorkspaceSettings } from "$api/types";
import { exactSpan, parseSpan } from "$shared/span";

const units: [bytes: number, word: string][] = [
  [1024 ** 3, "GiB"],
  [1024 ** 2, "MiB"],
  [1024, "KiB"],
];
const spellings: Record<string, number> = {
  "": 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};

/** A number of bytes with nothing rounded away: "32 MiB", "1500 B". */
export function exactSize(bytes: number): string {
  const unit = units.find(([size]) => bytes > 0 && bytes % size === 0);
  return unit ? `${bytes / unit[0]} ${unit[1]}` : `${bytes} B`;
}

/** Reads a size as people write it: "32 MiB", "32M", "1500". Null where it is none. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const unit = match && spellings[match[2] ?? ""];
  return match && unit !== undefined && unit !== null ? Math.round(Number(match[1]) * unit) : null;
}

export type AmountName =
  "max_in_flight" | "capture_max_body" | "response_cap" | "delivery_max_age_ms" | "log_max_bytes";

/** A setting that is typed: how it is said, written and read. */
export interface Amount {
  name: AmountName;
  label: string;
  hint: string;
  placeholder?: string;
  /** As it stands in its field. */
  write: (settings: WorkspaceSettings) => string;
  /** What is typed, or why it cannot be read. */
  read: (text: string) => { value: number | null } | { error: string };
}

const size = (text: string) => {
  const value = parseSize(text);
  return value === null ? { error: "Write it as 512 KiB or 32 MiB." } : { value };
};

export const amounts: Record<AmountName, Amount> = {
  max_in_flight: {
    name: "max_in_flight",
    label: "Attempts at once",
    hint: "Over all endpoints, 1 to 1,024. Each endpoint can have a smaller limit of its own.",
    write: (settings) => String(settings.max_in_flight),
    read: (text) =>
      /^\d{1,9}$/.test(text.trim())
        ? { value: Number(text) }
        : { error: "Give a whole number from 1 to 1024." },
  },
  response_cap: {
    name: "response_cap",
    label: "Kept of a response",
    hint: "The most of a response’s body that an attempt keeps, up to 16 MiB.",
    write: (settings) => exactSize(settings.response_cap),
    read: size,
  },
  capture_max_body: {
    name: "capture_max_body",
    label: "Largest captured body",
    hint: "An inbox answers 413 to more. From 1 KiB to 256 MiB.",
    write: (settings) => exactSize(settings.capture_max_body),
    read: size,
  },
  delivery_max_age_ms: {
    name: "delivery_max_age_ms",
    label: "Deliveries are kept",
    hint: "After that, ended deliveries and their events are removed. Left empty, they stay for ever. Each inbox says for itself how long it keeps requests.",
    placeholder: "for ever",
    write: (settings) =>
      settings.delivery_max_age_ms === null ? "" : exactSpan(settings.delivery_max_age_ms),
    read: (text) => {
      if (text.trim() === "") return { value: null };
      const value = parseSpan(text);
      // A bare number would be seconds, which nobody means here.
      return value === null || /^\d+$/.test(text.trim())
        ? { error: "Write it as 12 h or 30 d, or leave it empty." }
        : { value };
    },
  },
  log_max_bytes: {
    name: "log_max_bytes",
    label: "The log may grow to",
    hint: "When it takes more in the file, the oldest ended deliveries and their events are removed, every ten minutes. At least 1 MiB; left empty, there is no such bound. Captured requests do not count.",
    placeholder: "any size",
    write: (settings) => (settings.log_max_bytes === null ? "" : exactSize(settings.log_max_bytes)),
    read: (text) => {
      if (text.trim() === "") return { value: null };
      const value = parseSize(text);
      return value === null ? { error: "Write it as 500 MiB or 2 GiB, or leave it empty." } : { value };
    },
  },
};
