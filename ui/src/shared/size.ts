const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A number of bytes in the unit that fits: "0 B", "812 B", "1.4 KiB", "32 MiB". */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // From where it would be rounded up to 1024 the next unit fits.
  while (value >= 1023.5 && bytes >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = unit === 0 || value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
  return `${text} ${units[unit]}`;
}

/** A count with thin separators: "12,345". */
export function count(value: number): string {
  return value.toLocaleString("en-GB");
}

/** "1 delivery", "12 deliveries". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
