import type { AnswerFault, AnswerRule, Arrived, GivenAnswer, Retries, RuleTest } from "$api/types";
import { coarseSpan, exactSpan } from "$shared/span";
import { plural } from "$shared/size";

const listed = (all: readonly (string | number)[], word: string): string =>
  all.length < 2 ? String(all[0] ?? "") : `${all.slice(0, -1).join(", ")} ${word} ${all.at(-1)}`;

function tested(kind: string, name: string, test: Omit<RuleTest, "name">): string {
  const what = `${kind} ${name}`;
  if (typeof test.equals === "string") return `${what} “${test.equals}”`;
  if (typeof test.contains === "string") return `“${test.contains}” in ${what}`;
  return test.present === false ? `no ${what}` : what;
}

/** Which requests a rule takes: "the first 3 POST requests to /hooks". */
export function whichWords(rule: AnswerRule): string {
  const { methods = [], path, headers = [], query = [], json = [], nth, share } = rule.when ?? {};
  const kind = [listed(methods, "or"), "requests"].filter(Boolean).join(" ");
  let which = `all ${kind}`;
  if (nth) {
    const [from, to] = [nth.from ?? 1, nth.to ?? null];
    if (to === null) which = from === 1 ? which : `${kind} from the ${ordinal(from)} on`;
    else if (from === 1) which = to === 1 ? `the first of the ${kind}` : `the first ${to} ${kind}`;
    else
      which =
        from === to
          ? `the ${ordinal(from)} of the ${kind}`
          : `the ${ordinal(from)} to ${ordinal(to)} of the ${kind}`;
  }
  if (share) which = `${share.percent} % of ${which}`;
  if (path) which += ` to ${path}`;
  const conditions = [
    ...headers.map((one) => tested("header", one.name, one)),
    ...query.map((one) => tested("parameter", one.name, one)),
    ...json.map((one) => tested("field", one.path, one)),
  ];
  return conditions.length ? `${which} with ${listed(conditions, "and")}` : which;
}

/** What becomes of an answer: "and the connection is reset after 10 bytes". */
export function faultWords(fault: AnswerFault): string {
  const after = fault.after_bytes ? ` after ${plural(fault.after_bytes, "byte")}` : "";
  switch (fault.kind) {
    case "close":
      return after ? `the connection is closed${after}` : "the connection is closed without an answer";
    case "reset":
      return `the connection is reset${after}`;
    case "half_close":
      return `our side of the connection ends${(fault.after_bytes ?? null) === null ? " after the answer" : after}`;
    case "no_answer":
      return after ? `nothing more comes${after}` : "no answer ever comes";
    case "drip":
      return `it comes at ${plural(fault.bytes_per_s ?? 1, "byte")} a second`;
    case "wrong_length":
      return `its Content-Length is ${Math.abs(fault.off_by ?? 10)} too ${(fault.off_by ?? 10) > 0 ? "large" : "small"}`;
    case "template":
      return "its template could not be filled in";
  }
}

/** What became of an answer that was given, as a record says it. */
export const faultTitles: Record<AnswerFault["kind"], string> = {
  close: "Closed",
  reset: "Reset",
  half_close: "Half-closed",
  no_answer: "Left silent",
  drip: "Dripped",
  wrong_length: "Wrong length",
  template: "Template failed",
};

/** The rule in a sentence: "The first 3 requests to /hooks get 503; then what follows." */
export function ruleWords(rule: AnswerRule): string {
  const { statuses = [200], repeat, delay_ms, retry_after, fault, template } = rule.then ?? {};
  const parts: string[] = [];
  const silent =
    fault && ["close", "reset", "no_answer"].includes(fault.kind) && (fault.after_bytes ?? 0) < 12;
  if (!silent) {
    const turn = statuses.length > 1 ? (repeat ? " in turn" : ", the last of them from then on") : "";
    parts.push(`get ${listed(statuses, "then")}${turn}${template ? " from a template" : ""}`);
  }
  if (retry_after) parts.push(`with Retry-After ${exactSpan(retry_after.seconds * 1_000)}`);
  if (delay_ms) parts.push(`after ${exactSpan(delay_ms)}`);
  let said = `${whichWords(rule)} ${parts.join(" ")}`.trim();
  if (fault) said = silent ? `${said}: ${faultWords(fault)}` : `${said}, and ${faultWords(fault)}`;
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
}

export function ordinal(number: number): string {
  const end =
    number % 100 >= 11 && number % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${end}`;
}

/** Faults that may end an answer before its status. */
const early: AnswerFault["kind"][] = ["close", "reset", "half_close", "no_answer"];

/** What was answered: "503 by “Fails 3 times”", "Reset by “Resets”"; "Nothing" where its sender had gone. */
export function answeredWords({ status, rule, fault }: GivenAnswer): string {
  if (rule !== null && status === null && !(fault !== null && early.includes(fault))) {
    return `Nothing: its sender had hung up before “${rule.name}” answered`;
  }
  const what = [fault === null ? null : faultTitles[fault], status === null ? null : String(status)];
  const said = what.filter((one) => one !== null).join(", ") || "Nothing";
  return rule === null ? said : `${said} by “${rule.name}”`;
}

/** By what the arrivals are told to be one request again. */
export const alikeWords: Record<Retries["by"], string> = {
  delivery: "attempts of the same delivery",
  event: "of the same event",
  body: "with the same path and body, from the same address",
};

/** A length of time as it is said of retries: not finer than it can mean anything. */
export function spanWords(ms: number): string {
  if (ms < 1_000) return exactSpan(Math.round(ms));
  return ms < 10_000 ? exactSpan(Math.round(ms / 100) * 100) : coarseSpan(Math.round(ms / 1_000) * 1_000);
}

/** How an arrival compares with the plan: "The 3rd came 4 min 58 s after the 2nd; Stripe’s schedule says 5 min." */
export function arrivalWords(one: Arrived, provider: string | null): string {
  if (one.after_ms === null) return "The 1st to come.";
  const came = `The ${ordinal(one.number)} came ${spanWords(one.after_ms)} after the ${ordinal(one.number - 1)}`;
  if (one.pace === null || provider === null) return `${came}.`;
  if (one.planned_ms === null) return `${came}; ${provider}’s schedule was over.`;
  const [earliest, latest] = [
    one.planned_earliest_ms ?? one.planned_ms,
    one.planned_latest_ms ?? one.planned_ms,
  ];
  const spread = latest > earliest ? `, ${spanWords(earliest)} to ${spanWords(latest)} with its jitter` : "";
  const pace = { as_planned: "", early: ": early", late: ": late", beyond: "" }[one.pace];
  return `${came}; ${provider}’s schedule says ${spanWords(one.planned_ms)}${spread}${pace}.`;
}
