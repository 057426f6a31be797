/** What a page says of alerts: one is named, several are counted. */

import type { Alert } from "$api/types";

/** An alert as the feed tells it. */
export interface Told {
  alert: Alert;
  delivery: string;
  endpoint: string | null;
}

/** The delivery by which the newest alert happened, as far as it could be read. */
export interface Facts {
  endpoint_name: string;
  url: string;
  event_type: string;
  last_attempt: { error?: string | null } | null;
}

export interface Words {
  /** What happened. */
  text: string;
  /** Why, or the newest of several. */
  detail: string | undefined;
  good: boolean;
  /** Where it can be looked at. */
  address: { screen: string; id: string | null; query?: Record<string, string> };
}

const several: Record<Alert, (count: number) => string> = {
  "endpoint.failing": (count) => `${count} endpoints have begun to fail`,
  "delivery.exhausted": (count) => `${count} deliveries failed`,
  "endpoint.disabled": (count) => `${count} endpoints were disabled`,
  "endpoint.recovered": (count) => `${count} endpoints work again`,
};

function one(alert: Alert, facts: Facts | null): string {
  const name = facts?.endpoint_name || facts?.url || "An endpoint";
  switch (alert) {
    case "endpoint.failing":
      return `${name} has begun to fail`;
    case "delivery.exhausted":
      return facts ? `Delivery failed: ${facts.event_type} to ${name}` : "A delivery failed";
    case "endpoint.disabled":
      return `${name} was disabled`;
    case "endpoint.recovered":
      return `${name} works again`;
  }
}

/** Of several kinds each is counted: "12 deliveries failed, 1 endpoint was disabled". */
function counted(told: Told[]): string {
  const kinds = Object.keys(several) as Alert[];
  const lines = kinds.flatMap((alert) => {
    const count = told.filter((one) => one.alert === alert).length;
    if (count === 0) return [];
    return [count === 1 ? single[alert] : several[alert](count)];
  });
  return lines.join(", ");
}

const single: Record<Alert, string> = {
  "endpoint.failing": "1 endpoint has begun to fail",
  "delivery.exhausted": "1 delivery failed",
  "endpoint.disabled": "1 endpoint was disabled",
  "endpoint.recovered": "1 endpoint works again",
};

/** `facts` are those of the last one. */
export function wordsOf(told: Told[], facts: Facts | null): Words | null {
  const newest = told.at(-1);
  if (!newest) return null;
  const error = facts?.last_attempt?.error ?? undefined;
  const good = told.every(({ alert }) => alert === "endpoint.recovered");
  if (told.length === 1) {
    const ofDelivery = newest.alert === "delivery.exhausted" || newest.endpoint === null;
    const address = ofDelivery
      ? { screen: "deliveries", id: newest.delivery }
      : { screen: "endpoints", id: newest.endpoint };
    return { text: one(newest.alert, facts), detail: good ? undefined : error, good, address };
  }
  const exhausted = told.every(({ alert }) => alert === "delivery.exhausted");
  return {
    text: counted(told),
    detail: facts ? `Most recently: ${one(newest.alert, facts)}` : undefined,
    good,
    address: exhausted
      ? { screen: "deliveries", id: null, query: { status: "failed" } }
      : { screen: "endpoints", id: null },
  };
}
