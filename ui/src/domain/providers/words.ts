import type { Provenance, Provider, ProviderSecret } from "$api/types";

/** The form of a profile's secrets: "whsec_ and 32 random bytes in base64"; without one its scheme says it. */
export function secretText(secret: ProviderSecret | null): string {
  if (secret === null) return "in the form that its scheme takes";
  const { prefix, encoding, bytes } = secret;
  const random = `${bytes} random bytes in ${encoding}`;
  return prefix ? `${prefix} and ${random}` : random;
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
