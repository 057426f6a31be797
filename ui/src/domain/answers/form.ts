import type { AnswerFault, AnswerRule, RuleTest, WholeRule } from "$api/types";
import { isWhole, readReply, replyField, type ReplyForm, replyForm } from "../replies/form";

export type FaultKind = AnswerFault["kind"];

/** A rule in a form. */
export interface RuleForm extends RuleFields {
  /** The rule that the form began with: of it stays what nobody changed, whether lines can say it or not. */
  origin: AnswerRule;
}

/** A rule as the fields of a form hold it: text, as typed. */
interface RuleFields extends ReplyForm {
  id: string | undefined;
  name: string;
  enabled: boolean;
  /** "POST, PUT"; "" for any. */
  methods: string;
  /** "" for any. */
  path: string;
  /** A line each: `Name: value`, `Name ~ part`, `Name`, `!Name`. */
  headers: string;
  query: string;
  /** A line each, of paths: `data.to: +49`. */
  json: string;
  /** "" for the first. */
  from: string;
  /** "" for all that follow. */
  to: string;
  /** "" for all of them. */
  percent: string;
  seed: string;
  template: boolean;
  /** "" where it answers as it should. */
  fault: FaultKind | "";
  afterBytes: string;
  bytesPerS: string;
  offBy: string;
}

export type RuleErrors = Partial<Record<keyof RuleForm, string>>;

type Tested = Omit<RuleTest, "name">;

function testLine(name: string, test: Tested): string {
  if (typeof test.equals === "string") return `${name}: ${test.equals}`;
  if (typeof test.contains === "string") return `${name} ~ ${test.contains}`;
  return test.present === false ? `!${name}` : name;
}

/** Reads lines of conditions; a line that is none is null. */
export function readTests(text: string): ({ name: string } & Tested)[] | null {
  const tests: ({ name: string } & Tested)[] = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "") continue;
    const [, absent, name, sign, value] = /^(!?)([^\s:~]+)\s*(?:([:~])\s?(.*))?$/.exec(line) ?? [];
    if (name === undefined || (absent && sign)) return null;
    if (sign === ":") tests.push({ name, equals: value ?? "" });
    else if (sign === "~") tests.push({ name, contains: value ?? "" });
    else tests.push({ name, present: absent === "" });
  }
  return tests;
}

export function formOf(rule: AnswerRule): RuleForm {
  return { ...fieldsOf(rule), origin: rule };
}

function fieldsOf(rule: AnswerRule): RuleFields {
  const when = rule.when ?? {};
  const then = rule.then ?? {};
  const lines = (tests: RuleTest[] = []) => tests.map((one) => testLine(one.name, one)).join("\n");
  return {
    id: rule.id ?? undefined,
    name: rule.name ?? "",
    enabled: rule.enabled ?? true,
    methods: (when.methods ?? []).join(", "),
    path: when.path ?? "",
    headers: lines(when.headers),
    query: lines(when.query),
    json: (when.json ?? []).map((one) => testLine(one.path, one)).join("\n"),
    from: when.nth && (when.nth.from ?? 1) > 1 ? String(when.nth.from) : "",
    to: (when.nth?.to ?? null) === null ? "" : String(when.nth?.to),
    percent: (when.share ?? null) === null ? "" : String(when.share?.percent),
    seed: String(when.share?.seed ?? 1),
    ...replyForm(then),
    template: then.template ?? false,
    fault: then.fault?.kind ?? "",
    afterBytes: (then.fault?.after_bytes ?? null) === null ? "" : String(then.fault?.after_bytes),
    bytesPerS: String(then.fault?.bytes_per_s ?? 1),
    offBy: String(then.fault?.off_by ?? 10),
  };
}

/** The rule that a form says, and what is wrong with its fields. */
export function readForm(form: RuleForm): { rule: WholeRule; errors: RuleErrors } {
  const { reply, errors: ofReply } = readReply(form);
  const errors: RuleErrors = { ...ofReply };
  const { when: been, then: was } = form.origin;
  const before = fieldsOf(form.origin);
  const stays = (field: keyof RuleFields) => form[field] === before[field];
  const whole = (field: "from" | "to" | "percent" | "seed" | "afterBytes" | "bytesPerS") => {
    const text = form[field].trim();
    if (text === "") return null;
    if (!isWhole(text)) errors[field] = "Give a whole number, or nothing.";
    return Number(text);
  };
  const tests = (field: "headers" | "query" | "json") => {
    const read = readTests(form[field]);
    if (read === null)
      errors[field] = "A line each: Name: value, Name ~ part of it, Name (is there) or !Name (is not).";
    return read ?? [];
  };
  if (form.path.trim() !== "" && !/^[/*]/.test(form.path.trim()))
    errors.path = "It begins with / or *: the path below the inbox’s own.";
  const [from, to, percent] = [whole("from"), whole("to"), whole("percent")];
  if (percent !== null && percent > 100) errors.percent = "At most 100.";
  const seed = () => (stays("seed") ? been?.share?.seed : whole("seed")) ?? 1;
  const rule: WholeRule = {
    ...(form.id === undefined ? {} : { id: form.id }),
    ...(form.name.trim() === "" ? {} : { name: form.name.trim() }),
    enabled: form.enabled,
    when: {
      methods: stays("methods")
        ? (been?.methods ?? [])
        : form.methods
            .toUpperCase()
            .split(/[\s,;]+/)
            .filter(Boolean),
      path: form.path.trim() === "" ? null : form.path.trim(),
      headers: stays("headers") ? (been?.headers ?? []) : tests("headers"),
      query: stays("query") ? (been?.query ?? []) : tests("query"),
      json: stays("json")
        ? (been?.json ?? [])
        : tests("json").map(({ name, ...test }) => ({ path: name, ...test })),
      nth: from === null && to === null ? null : { from: from ?? 1, to },
      share: percent === null ? null : { percent, seed: seed() },
    },
    then: {
      ...reply,
      body: stays("body") ? (was?.body ?? "") : reply.body,
      template: form.template,
      fault: faultOf(form, errors, whole),
    },
  };
  return { rule, errors };
}

function faultOf(
  form: RuleForm,
  errors: RuleErrors,
  whole: (field: "afterBytes" | "bytesPerS") => number | null,
): AnswerFault | null {
  switch (form.fault) {
    case "":
      return null;
    case "drip":
      return { kind: "drip", bytes_per_s: Math.max(1, whole("bytesPerS") ?? 1) };
    case "wrong_length":
      if (!/^-?[1-9]\d{0,5}$/.test(form.offBy.trim())) errors.offBy = "Give a whole number other than 0.";
      return { kind: "wrong_length", off_by: Number(form.offBy) };
    default: {
      const after = whole("afterBytes");
      return { kind: form.fault, ...(after === null ? {} : { after_bytes: after }) };
    }
  }
}

/** Which field of the form an error of the API is about; `path` begins behind `rules[0].`. */
export function fieldOf(path: string): keyof RuleForm | null {
  const fields: [RegExp, keyof RuleForm][] = [
    [/^name/, "name"],
    [/^when\.methods/, "methods"],
    [/^when\.path/, "path"],
    [/^when\.headers/, "headers"],
    [/^when\.query/, "query"],
    [/^when\.json/, "json"],
    [/^when\.nth/, "to"],
    [/^when\.share/, "percent"],
    [/^then\.fault\.after_bytes/, "afterBytes"],
    [/^then\.fault\.bytes_per_s/, "bytesPerS"],
    [/^then\.fault\.off_by/, "offBy"],
    [/^then\.fault/, "fault"],
  ];
  const own = fields.find(([pattern]) => pattern.test(path))?.[1];
  return own ?? (path.startsWith("then.") ? replyField(path.slice("then.".length)) : null);
}
