import type { Stray } from "$api/types";
import { plural } from "$shared/size";

/** How many requests reached no inbox, as a sentence: "3 requests reached no inbox". */
export function strayWords(strays: readonly Pick<Stray, "count">[]): string {
  const sum = strays.reduce((all, stray) => all + stray.count, 0);
  return `${plural(sum, "request")} reached no inbox`;
}
