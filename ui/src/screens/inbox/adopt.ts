import type { Inbox, InboxEdit, Provider } from "$api/types";

export interface Found {
  scheme: string;
  /** Providers that sign with it, the likeliest first; without it, all that do. */
  providers?: string[];
  secret?: string | null;
}

/**
 * What an inbox is given so that it checks by what was found: the provider where there is just one, or where
 * it was recognised; else the scheme alone. Nothing is said that holds already.
 */
export function adoption(
  inbox: Pick<Inbox, "provider" | "scheme">,
  { scheme, providers, secret }: Found,
  all: Pick<Provider, "id" | "scheme">[],
): InboxEdit {
  const edit: InboxEdit = secret ? { secret } : {};
  const own = all.find((one) => one.id === inbox.provider);
  if (inbox.scheme ? inbox.scheme === scheme : own?.scheme === scheme) return edit;
  const signing = all.filter((one) => one.scheme === scheme);
  const recognised = signing.find((one) => one.id === providers?.[0]);
  const provider = recognised ?? (signing.length === 1 ? signing[0] : undefined);
  if (provider) return { ...edit, provider: provider.id, ...(inbox.scheme ? { scheme: null } : {}) };
  return { ...edit, scheme };
}
