import { api } from "$api/index";
import type { Provider } from "$api/types";
import { answerFor } from "$domain/inboxes/form";

/** Waits between the attempts of a trial, in milliseconds: short, so that a retry is seen and not waited for. */
export const trialDelays = [5_000, 10_000, 20_000, 40_000];

export interface Ends {
  inbox: string;
  endpoint: string;
}

/**
 * Makes both ends for a provider: an inbox, an endpoint that points at it, and one secret that both know. The
 * first event is sent, too. What was made stays, like anything a person makes.
 */
export async function makeBothEnds(provider: Provider, type: string): Promise<Ends> {
  const name = `Try ${provider.name}`;
  const response = answerFor(provider);
  const inbox = await api.inboxes.create({
    name,
    provider: provider.id,
    ...(response ? { response } : {}),
  });
  const endpoint = await api.endpoints.create({
    name,
    url: inbox.url,
    provider: provider.id,
    enabled_events: ["*"],
    retry: { delays_ms: trialDelays, jitter: 0 },
  });
  if (endpoint.secret) await api.inboxes.update(inbox.id, { secret: endpoint.secret });
  // Some profiles keep a new endpoint back until a test of it has passed; for those the test is the first event.
  if (endpoint.status === "enabled") await sendTo(endpoint.id, provider.id, type);
  else await api.endpoints.test(endpoint.id, type);
  return { inbox: inbox.id, endpoint: endpoint.id };
}

export async function sendTo(endpoint: string, provider: string, type: string): Promise<void> {
  await api.events.create({ type, provider, endpoint_ids: [endpoint] });
}
