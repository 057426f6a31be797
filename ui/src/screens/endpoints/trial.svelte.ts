import { clock as time } from "$api/clock";
import { deliveries } from "$api/deliveries";
import { endpoints } from "$api/endpoints";
import { faults } from "$api/faults";
import { stats } from "$api/stats";
import type { DeliveryDetail, Endpoint, FaultReceiver, Forecast } from "$api/types";
import { Following } from "$app/following";
import { live } from "$app/live.svelte";
import { display } from "$shared/display.svelte";

/** Fetched again at most this often after a change, in milliseconds. */
const rhythm = 150;

/** The trial of an endpoint's policy: the fault receiver, the endpoint that points at it, what was sent last. */
export class Trial {
  /** Undefined until it is known, null where there is none. */
  receiver = $state.raw<FaultReceiver | null | undefined>(undefined);
  endpoint = $state.raw<Endpoint | null>(null);
  /** The newest delivery to it. */
  delivery = $state.raw<DeliveryDetail | null>(null);
  /** What else waits, while something of the trial does. */
  forecast = $state.raw<Forecast | null>(null);
  problem = $state.raw<unknown>(null);
  readonly #following = new Following(
    (signal) => this.#read(signal),
    rhythm,
    (error) => (this.problem = error),
  );

  /** `endpointId` is that of the endpoint tried out, or of the trial's own. */
  constructor(private readonly endpointId: string) {}

  /** Reads it and follows it until told to stop. */
  start(): () => void {
    const following = this.#following;
    void following.now();
    const ours = (id: string | null) => id !== null && id === this.receiver?.endpoint_id;
    const stops = [
      live.on("fault_receiver", () => following.soon()),
      live.on("delivery", (changes) => {
        if (!changes.length || changes.some((change) => ours(change.parent))) following.soon();
      }),
      live.on("endpoint", (changes) => {
        if (!changes.length || changes.some((change) => ours(change.id))) following.soon();
      }),
    ];
    return () => {
      following.stop();
      for (const stop of stops) stop();
    };
  }

  /** Reads it anew; fulfilled once it is here. */
  load(): Promise<void> {
    return this.#following.now();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const all = (await faults.list({ signal })).data;
    const about = (one: FaultReceiver) =>
      one.trial_of === this.endpointId || one.endpoint_id === this.endpointId;
    const found = all.find(about) ?? null;
    const id = found?.endpoint_id ?? null;
    const [endpoint, page] = await Promise.all([
      id === null ? null : endpoints.get(id, { signal }),
      id === null ? null : deliveries.list({ endpoint_id: id, limit: 1 }, { signal }),
    ]);
    const newest = page?.data[0];
    const delivery = newest ? await deliveries.get(newest.id, { signal }) : null;
    this.receiver = found;
    this.endpoint = endpoint;
    this.delivery = delivery;
    this.problem = null;
    const end = delivery?.planned_attempts.at(-1);
    this.forecast = end === undefined ? null : await dueBy(Date.parse(end), signal);
  }
}

/** The furthest that a jump may go at once, in milliseconds: 30 days. */
const furthest = 30 * 86_400_000;

/** The least that a forecast is asked for, in milliseconds. */
const nearest = 1_000;

/** What goes out until then, in milliseconds of the workspace's time. */
function dueBy(end: number, signal: AbortSignal): Promise<Forecast> {
  const span_ms = Math.ceil(Math.min(Math.max(end - display.now, nearest), furthest));
  return stats.forecast({ span_ms, buckets: 1 }, { signal });
}

/** How often it is asked whether a long jump has come to its end, in milliseconds. */
const glance = 250;

/** In a demo: jumps to when a delivery is attempted next. False where nothing is planned. */
export async function jumpToNext(id: string): Promise<boolean> {
  const { next_attempt_at } = await deliveries.get(id);
  if (next_attempt_at === null) return false;
  let at = await time.get();
  const ahead = Math.max(1, Date.parse(next_attempt_at) - Date.parse(at.now));
  at = await time.change({ advance_ms: Math.min(ahead, furthest) });
  while (at.jumping_to !== null) {
    await new Promise((resolve) => setTimeout(resolve, glance));
    at = await time.get();
  }
  return true;
}
