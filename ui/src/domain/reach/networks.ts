import { asSentence } from "$shared/sentence";

/** An allow-list as it is typed: an address or network on each line, or with commas between. */
export function networksOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** The same as it is shown. */
export function networksText(networks: readonly string[]): string {
  return networks.join("\n");
}

/** What an API's error says of a list; `field` is the list's own name, its entries being `field[n]`. */
export function networksError(
  errors: readonly { field: string; message: string }[],
  field: string,
): string | undefined {
  const found = errors.find((one) => one.field === field || one.field.startsWith(`${field}[`));
  if (!found) return undefined;
  const at = /\[(\d+)\]$/.exec(found.field)?.[1];
  const said = asSentence(found.message);
  return at === undefined ? said : `Line ${Number(at) + 1}: ${said}`;
}
