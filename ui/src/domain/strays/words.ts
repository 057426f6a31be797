import type { Stray } from "$api/types";
import { count, plural } from "$shared/size";

/** What kind of stray one is: it found no inbox, one refused it, or no TLS connection came about. */
export type StrayKind = "lost" | "refused" | "tls";

export function strayKind({ code }: Pick<Stray, "code">): StrayKind {
  if (code === "tls_failed") return "tls";
  return code === "unauthorized" || code === "not_allowed" ? "refused" : "lost";
}

/** The word that marks a kind; null where the row says it by itself. */
export const kindWords: Record<StrayKind, string | null> = {
  lost: null,
  refused: "Refused",
  tls: "TLS failed",
};

/** How many there are, as a sentence: "3 requests reached no inbox, 1 was refused". */
export function strayWords(strays: readonly Pick<Stray, "count" | "code">[]): string {
  const sum = (kind: StrayKind) =>
    strays.filter((one) => strayKind(one) === kind).reduce((all, stray) => all + stray.count, 0);
  const [lost, refused, tls] = [sum("lost"), sum("refused"), sum("tls")];
  const were = refused === 1 ? "was refused" : "were refused";
  return [
    lost > 0 && `${plural(lost, "request")} reached no inbox`,
    refused > 0 && (lost > 0 ? `${count(refused)} ${were}` : `${plural(refused, "request")} ${were}`),
    tls > 0 && `${plural(tls, "TLS handshake")} failed`,
  ]
    .filter(Boolean)
    .join(", ");
}
