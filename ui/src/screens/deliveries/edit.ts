import { deliveries } from "$api/deliveries";
import { Problem } from "$api/problem";
import { requests } from "$api/requests";
import type { Delivery } from "$api/types";

/** Repetitions of repetitions are followed so far. */
const MOST_STEPS = 20;

/**
 * The captured request that a delivery sent on, whether it did so itself or repeats a delivery that did; null where
 * there is none, or it is not there any more.
 */
export async function requestBehind(delivery: Delivery): Promise<string | null> {
  let one: Delivery | null = delivery;
  for (let step = 0; one && step < MOST_STEPS; step++) {
    const { repeats_request_id: request, repeats_delivery_id: earlier }: Delivery = one;
    if (request !== null) return (await unlessGone(requests.get(request))) && request;
    if (earlier === null) return null;
    one = await unlessGone(deliveries.get(earlier));
  }
  return null;
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}
