import type { Provenance, Provider, ProviderSecret } from "$api/types";
import { plural } from "$shared/size";
import { exactSpan } from "$shared/span";

/** The form of a profile's secrets: "whsec_ and 32 random bytes in base64"; null where its scheme says it. */
export function secretText(secret: ProviderSecret | null): string | null {
  if (secret === null) return null;
  const { prefix, encoding, bytes } = secret;
  const random = `${bytes} random bytes in ${encoding}`;
  return prefix ? `${prefix} and ${random}` : random;
}

/** A provider in a list to choose from; one's own are found by that word. */
export function optionOf(provider: Provider): { value: string; title: string; note: string } {
  const events = plural(provider.events.length, "event");
  return { value: provider.id, title: provider.name, note: provider.own ? `own, ${events}` : events };
}

/** One's own first; the others in the order of their names. */
export function inOrder(providers: readonly Provider[]): Provider[] {
  return providers.toSorted(
    (one, other) => Number(other.own) - Number(one.own) || one.name.localeCompare(other.name, "en"),
  );
}

/** Whether a provider has all the words typed, in its name, its id, its events or its scheme. */
export function isFound(provider: Provider, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = [provider.name, provider.id, provider.scheme, ...provider.events.map((one) => one.type)]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** What customers of a provider may set, in a sentence; null where it names no bounds. */
export function boundsOf({ limits }: Pick<Provider, "limits">): string | null {
  const { timeout_ms: spans, retries } = limits;
  const told = [
    spans && `a timeout of ${spans.map(exactSpan).join(" to ")}`,
    retries && `${retries.join(" to ")} retries`,
  ].filter(Boolean);
  return told.length ? `Customers choose ${told.join(" and ")}.` : null;
}

/** How a provider slows down, in a sentence; null where it does not. */
export function throttleText({ throttle }: Pick<Provider, "throttle">): string | null {
  if (!throttle) return null;
  return `After ${plural(throttle.after, "failed attempt")} in a row, ${exactSpan(throttle.delay_ms)} at least lie between two attempts.`;
}

export const provenanceWords: Record<Provenance, { text: string; detail: string }> = {
  found: { text: "documented", detail: "The provider prints this sample in its public documents." },
  derived: {
    text: "derived",
    detail: "Put together from what the provider’s documents say; no whole sample is printed.",
  },
  own: { text: "made up", detail: "Made up by Hookbench; the provider prints none." },
};

/** How many samples come from where: "1 documented, 7 derived". */
export function provenanceText(provider: Provider): string {
  const kinds: Provenance[] = ["found", "derived", "own"];
  return kinds
    .map((kind) => ({ kind, count: provider.events.filter((event) => event.provenance === kind).length }))
    .filter((one) => one.count > 0)
    .map((one) => `${one.count} ${provenanceWords[one.kind].text}`)
    .join(", ");
}
