import { deliveries } from "$api/deliveries";
import { events } from "$api/events";
import { EDITABLE, type Sent } from "./send";

/** Reads what a delivery has sent, for it to be edited and sent again. */
export async function readSent(delivery: string, signal?: AbortSignal): Promise<Sent> {
  const { endpoint_id: endpointId, event_id: id, url } = await deliveries.get(delivery, { signal });
  const event = await events.get(id, { signal });
  const body = event.payload_size > EDITABLE ? null : await events.payload(id, { signal });
  return { delivery, endpointId, url, event, body };
}
