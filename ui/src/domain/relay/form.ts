import type { Endpoint, InboxRelay, RelayTarget } from "$api/types";
import { everything } from "../subscriptions/patterns";

/** A target as the fields of a form hold it: text, as typed. */
export interface TargetForm {
  /** What the target is known by in the form: one that is new has no id. */
  key: number;
  id: string | null;
  name: string;
  to: "url" | "endpoint";
  url: string;
  endpointId: string;
  events: string[];
  host: NonNullable<RelayTarget["host"]>;
  enabled: boolean;
}

/** What is wrong with a target, by the field. */
export type TargetErrors = Partial<Record<"name" | "url" | "endpointId" | "events" | "host", string>>;

/** Who answers the sender: the inbox, or the target with this key. */
export type Answers = "inbox" | number;

/** As many targets may an inbox have. */
export const mostTargets = 16;

let keys = 0;

export function targetForm(target: RelayTarget | null): TargetForm {
  return {
    key: keys++,
    id: target?.id ?? null,
    name: target?.name ?? "",
    to: target?.endpoint_id ? "endpoint" : "url",
    url: target?.endpoint_id ? "" : (target?.url ?? ""),
    endpointId: target?.endpoint_id ?? "",
    events: [...(target?.event_types ?? [everything])],
    host: target?.host ?? "target",
    enabled: target?.enabled ?? true,
  };
}

export function answersOf(relay: InboxRelay | null, forms: readonly TargetForm[]): Answers {
  return forms.find((one) => one.id !== null && one.id === relay?.reply)?.key ?? "inbox";
}

/** What a target is called: its name, else where it is: host and port, or the endpoint's name. */
export function targetName(form: TargetForm, endpoints: readonly Pick<Endpoint, "id" | "name">[]): string {
  const endpoint = endpoints.find((one) => one.id === form.endpointId)?.name;
  // One that is not known is not read yet, or could not be.
  const chosen = endpoint ?? (form.endpointId === "" ? "" : "An endpoint");
  return form.name.trim() || (form.to === "url" ? hostOf(form.url) : chosen) || "New target";
}

const hostOf = (url: string) => (isAddress(url) ? new URL(url.trim()).host : url.trim());

/** What is wrong with a target before it is sent. */
export function checkTarget(form: TargetForm): TargetErrors {
  const errors: TargetErrors = {};
  if (form.to === "url" && !isAddress(form.url))
    errors.url = "Give an address that begins with http:// or https://.";
  if (form.to === "endpoint" && form.endpointId === "") errors.endpointId = "Choose an endpoint.";
  if (form.events.length === 0) errors.events = "Choose an event, or all of them.";
  return errors;
}

function isAddress(text: string): boolean {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.host !== "";
}

/** The relay that the forms say, for the API; null where there is no target. */
export function draftOf(
  answers: Answers,
  forms: readonly TargetForm[],
  endpoints: readonly Pick<Endpoint, "id" | "name">[],
): InboxRelay | null {
  if (forms.length === 0) return null;
  const answering = forms.find((one) => one.key === answers) ?? null;
  // One that is new has no id yet, so that it is named: by a name that no other has.
  const name = answering?.id === null ? nameApart(answering, forms, endpoints) : null;
  return {
    reply: name ?? answering?.id ?? "inbox",
    targets: forms.map((form) => ({
      ...(form.id === null ? {} : { id: form.id }),
      ...nameOf(form.key === answers && name !== null ? name : form.name.trim()),
      ...(form.to === "url" ? { url: form.url.trim() } : { endpoint_id: form.endpointId }),
      event_types: form.events,
      host: form.host,
      enabled: form.enabled,
    })),
  };
}

const nameOf = (name: string) => (name === "" ? {} : { name });

function nameApart(
  form: TargetForm,
  forms: readonly TargetForm[],
  endpoints: readonly Pick<Endpoint, "id" | "name">[],
): string {
  const others = forms.filter((one) => one !== form);
  const taken = new Set(["inbox", ...others.flatMap((one) => [one.id ?? "", targetName(one, endpoints)])]);
  const wanted = targetName(form, endpoints).slice(0, 190);
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} (${number})`;
    if (!taken.has(name)) return name;
  }
}

/** Which field of a target an error of the API belongs to; `path` is what stands behind `relay.targets[n].`. */
export function fieldOf(path: string): keyof TargetErrors | null {
  const names: Record<string, keyof TargetErrors> = {
    name: "name",
    url: "url",
    endpoint_id: "endpointId",
    event_types: "events",
    host: "host",
  };
  const known = Object.keys(names).find((name) => path === name || path.startsWith(`${name}[`));
  return known ? (names[known] ?? null) : null;
}
