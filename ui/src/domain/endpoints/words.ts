import type { Endpoint, EndpointStats, EndpointStatus } from "$api/types";
import { count, plural } from "$shared/size";
import { duration } from "$shared/time";
import type { Tone } from "$shared/tone";

export const statusWords: Record<EndpointStatus, { tone: Tone; text: string }> = {
  enabled: { tone: "good", text: "Enabled" },
  disabled: { tone: "off", text: "Disabled" },
};

/** How an endpoint stands: a draft is disabled too, and is told apart. */
export function statusOf({ status, draft }: Pick<Endpoint, "status" | "draft">): {
  tone: Tone;
  text: string;
} {
  return draft ? { tone: "wait", text: "Draft" } : statusWords[status];
}

/** What a draft waits for, in a sentence. */
export function draftText(providerName: string): string {
  return `A draft: ${providerName} sends to no endpoint before a test of it has been delivered. Events are kept, paused, until then.`;
}

/** Whether saving another address makes an endpoint a draft again. */
export function becomesDraft(
  endpoint: Endpoint | null,
  url: string,
  provider: string,
  requiresTest: boolean,
): boolean {
  if (!endpoint || endpoint.draft || !requiresTest) return false;
  return endpoint.url !== url.trim() || endpoint.provider !== provider;
}

export interface Health {
  tone: Tone;
  text: string;
  /** The whole of it, in a sentence. */
  detail: string;
}

/** The first unit of a duration: "23 h" of "23 h 33 min". */
function coarse(text: string): string {
  return text.split(" ").slice(0, 2).join(" ");
}

/** A share in hundredths, never rounded up to all of it. */
function share(part: number): string {
  return `${Math.min(part * 100, 99.9)
    .toFixed(1)
    .replace(/\.0$/, "")} %`;
}

/** How an endpoint has fared: in the last 24 hours by its attempts, and now by its run of failures. */
export function healthOf(endpoint: Endpoint, stats: EndpointStats | undefined, now: number): Health {
  const counts = Object.values(stats?.outcomes ?? {});
  const all = counts.reduce((sum, one) => sum + one, 0);
  const good = stats?.outcomes.delivered ?? 0;
  if (endpoint.draft)
    return { tone: "wait", text: "Not live yet", detail: "It is a draft until its test has been delivered." };
  if (endpoint.failing_since !== null && endpoint.consecutive_failures > 0) {
    const since = duration(Math.max(0, now - Date.parse(endpoint.failing_since)));
    return {
      tone: "bad",
      text: `Failing for ${coarse(since)}`,
      detail: `${plural(endpoint.consecutive_failures, "failure")} in a row, for ${since} now.`,
    };
  }
  if (all === 0) return { tone: "off", text: "No traffic", detail: "No attempt in the last 24 hours." };
  if (good === all) {
    return {
      tone: "good",
      text: "All well",
      detail: `All ${count(all)} attempts of the last 24 hours delivered.`,
    };
  }
  if (good === 0) {
    const detail = `None of ${plural(all, "attempt")} of the last 24 hours was delivered.`;
    return { tone: "bad", text: "None delivered", detail };
  }
  return {
    tone: "wait",
    text: `${share(good / all)} delivered`,
    detail: `${count(good)} of ${plural(all, "attempt")} of the last 24 hours delivered.`,
  };
}

/** What disabling does to deliveries that wait. */
export function disableText(waiting: number): string {
  return waiting === 0
    ? "No delivery is waiting. New ones are kept, paused, until it is enabled again."
    : `${plural(waiting, "waiting delivery is", "waiting deliveries are")} kept, paused, and so are new ones. They go out when it is enabled again.`;
}

/** What deleting takes and leaves. */
export function deleteText(waiting: number, logged: number): string {
  const cancelled =
    waiting === 0
      ? "No delivery is waiting."
      : `${plural(waiting, "waiting delivery is", "waiting deliveries are")} cancelled.`;
  const stays =
    logged === 0
      ? "Nothing was ever sent to it."
      : `The log keeps ${plural(logged, "delivery", "deliveries")} to it.`;
  return `${cancelled} ${stays} Its secret is gone for good.`;
}
