import { inboxes } from "$api/inboxes";
import type { Inbox, Provider } from "$api/types";
import { answerFor } from "$domain/inboxes/form";

/** Where a new endpoint points: at a URL, at an inbox that is there, or at one made for it. */
export type Destination = { kind: "url" } | { kind: "new" } | { kind: "inbox"; inbox: Inbox };

export const destinationValue = (destination: Destination): string =>
  destination.kind === "inbox" ? destination.inbox.id : destination.kind;

export function destinationOf(value: string, all: readonly Inbox[]): Destination {
  if (value === "new") return { kind: "new" };
  const inbox = all.find((one) => one.id === value);
  return inbox ? { kind: "inbox", inbox } : { kind: "url" };
}

/** Makes the inbox that an endpoint is to point at. */
export function makeInbox(
  name: string,
  profile: Provider | null,
  provider: string,
  scheme: string,
  idempotencyKey: string,
): Promise<Inbox> {
  const response = answerFor(profile);
  const draft = {
    ...(name ? { name } : {}),
    provider,
    ...(scheme ? { scheme } : {}),
    ...(response ? { response } : {}),
  };
  return inboxes.create(draft, { idempotencyKey });
}

/** Lets an inbox verify what an endpoint sends it: both know the same secret then. */
export async function shareSecret(
  inbox: Inbox,
  provider: string,
  scheme: string,
  secret: string,
): Promise<void> {
  await inboxes.update(inbox.id, { provider, scheme: scheme || null, secret });
}
