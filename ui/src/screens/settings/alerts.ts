import type { Alert } from "$api/types";

/** What one can be told of, in the order in which it happens. */
export const alerts: readonly { alert: Alert; title: string; short: string }[] = [
  { alert: "endpoint.failing", title: "An endpoint begins to fail", short: "failing endpoints" },
  { alert: "delivery.exhausted", title: "A delivery finally fails", short: "failed deliveries" },
  { alert: "endpoint.disabled", title: "An endpoint is disabled", short: "disabled endpoints" },
  { alert: "endpoint.recovered", title: "An endpoint works again", short: "endpoints that recover" },
];

/** The choice with one more, or one less. */
export function chosen(before: readonly Alert[], alert: Alert, wanted: boolean): Alert[] {
  return alerts.map((one) => one.alert).filter((one) => (one === alert ? wanted : before.includes(one)));
}
