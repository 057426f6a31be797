export interface ComboOption {
  value: string;
  title: string;
  /** Stands behind the title, and is found by as well. */
  note?: string;
  /** The heading under which it stands while nothing is typed. */
  group?: string;
}

/** Options used lately stand first, newest first, under a heading of their own. */
export function recentFirst(options: ComboOption[], recent: readonly string[], rest: string): ComboOption[] {
  const lately = recent
    .map((value) => options.find((one) => one.value === value))
    .filter((one) => one !== undefined);
  if (lately.length === 0 || lately.length === options.length) return options;
  const others = options.filter((one) => !lately.includes(one));
  return [
    ...lately.map((one) => ({ ...one, group: "Used lately" })),
    ...others.map((one) => ({ ...one, group: one.group ?? rest })),
  ];
}

/** The options that hold all words of what was typed; those that begin with it come first. */
export function matching(options: ComboOption[], typed: string): ComboOption[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return options;
  const words = wanted.split(/\s+/);
  const found = options.filter((option) => {
    const text = `${option.title} ${option.value} ${option.note ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = ({ title, value }: ComboOption) =>
    title.toLowerCase().startsWith(wanted) || value.startsWith(wanted);
  return [...found.filter(begins), ...found.filter((option) => !begins(option))];
}
