export interface ComboOption {
  value: string;
  title: string;
  /** Stands behind the title, and is found by as well. */
  note?: string;
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
