import type { FaultDial, FaultDialDraft, SuccessRule } from "$api/types";

/** A way to fail that is chosen by its name. */
export interface Preset {
  id: string;
  title: string;
  dial: FaultDialDraft;
}

/** What an endpoint takes as delivered: the status, and the body where that counts. */
export function successOf(rule: SuccessRule): { status: number; body: string } {
  switch (rule.kind) {
    case "any2xx":
      return { status: 200, body: "" };
    case "statuses":
      return { status: rule.statuses.includes(200) ? 200 : (rule.statuses[0] ?? 200), body: "" };
    case "body_word":
      return { status: rule.statuses?.[0] ?? 200, body: rule.word };
  }
}

/** The ways to fail that are at hand, for an endpoint with this rule of success. */
export function presetsFor(rule: SuccessRule): Preset[] {
  const { status, body } = successOf(rule);
  const fine = body ? { body } : {};
  const then = `then ${status}`;
  return [
    { id: "recovers", title: `503 twice, ${then}`, dial: { statuses: [503, 503, status], ...fine } },
    { id: "down", title: "503 for good", dial: { statuses: [503] } },
    {
      id: "busy",
      title: `429 with Retry-After 30, ${then}`,
      dial: { statuses: [429, status], retry_after: { seconds: 30, form: "seconds" }, ...fine },
    },
    {
      id: "flaps",
      title: `503 and ${status} in turn`,
      dial: { statuses: [503, status], repeat: true, ...fine },
    },
    { id: "gone", title: "410 Gone", dial: { statuses: [410] } },
    { id: "reset", title: "Resets the connection", dial: { fault: "reset" } },
    {
      id: "reset-first",
      title: `Resets twice, ${then}`,
      dial: { fault: "reset", fail_first: 2, statuses: [status], ...fine },
    },
    { id: "close", title: "Closes without an answer", dial: { fault: "close" } },
    { id: "silent", title: "Never answers", dial: { fault: "no_answer" } },
    { id: "slow", title: "Answers after 20 s", dial: { statuses: [status], delay_ms: 20_000, ...fine } },
    { id: "drip", title: "1 byte a second", dial: { fault: "drip", statuses: [status], ...fine } },
    { id: "half", title: "Half an answer’s head", dial: { fault: "half_headers" } },
    {
      id: "short",
      title: "A body shorter than announced",
      dial: { fault: "wrong_length", body: "half of it" },
    },
    { id: "expired", title: "Expired certificate", dial: { fault: "bad_tls", certificate: "expired" } },
    {
      id: "wrong-name",
      title: "Certificate for another name",
      dial: { fault: "bad_tls", certificate: "wrong_name" },
    },
    {
      id: "self-signed",
      title: "Self-signed certificate",
      dial: { fault: "bad_tls", certificate: "self_signed" },
    },
    { id: "fine", title: `Answers ${status}`, dial: { statuses: [status], ...fine } },
  ];
}

/** A dial with all that is left out as it is then. */
function whole(dial: FaultDialDraft): string {
  return JSON.stringify([
    dial.statuses ?? [200],
    dial.repeat ?? false,
    dial.delay_ms ?? 0,
    dial.headers ?? [],
    dial.retry_after ? [dial.retry_after.seconds, dial.retry_after.form ?? "seconds"] : null,
    dial.body ?? "",
    dial.fault ?? null,
    dial.fail_first ?? null,
    dial.fault === "bad_tls" ? (dial.certificate ?? "expired") : null,
    dial.fault === "drip" ? (dial.drip_bytes_per_s ?? 1) : null,
  ]);
}

/** Which preset a dial is; null where it is somebody's own. */
export function presetOf(dial: FaultDial, presets: readonly Preset[]): Preset | null {
  const wanted = whole(dial);
  return presets.find((preset) => whole(preset.dial) === wanted) ?? null;
}
