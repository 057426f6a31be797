import type { AnswerRule, CapturedRequest } from "$api/types";

/** A rule that is chosen by its name. */
export interface Preset {
  id: string;
  title: string;
  rule: AnswerRule;
}

const fails = (name: string, when: AnswerRule["when"], then: AnswerRule["then"]): AnswerRule => ({
  name,
  enabled: true,
  when,
  then,
});

/** The rules that are at hand. */
export const presets: readonly Preset[] = [
  {
    id: "first",
    title: "Fail 3 times, then succeed",
    rule: fails("Fails 3 times", { nth: { from: 1, to: 3 } }, { statuses: [503] }),
  },
  {
    id: "busy",
    title: "429 with Retry-After",
    rule: fails(
      "Too many requests",
      { nth: { from: 1, to: 1 } },
      { statuses: [429], retry_after: { seconds: 30, form: "seconds" } },
    ),
  },
  {
    id: "random",
    title: "Fail 20 % at random",
    rule: fails("Fails at random", { share: { percent: 20, seed: 1 } }, { statuses: [500] }),
  },
  {
    id: "sequence",
    title: "500, 429, 200 in turn",
    rule: fails("In turn", {}, { statuses: [500, 429, 200], repeat: true }),
  },
  {
    id: "silent",
    title: "Never answer",
    rule: fails("Never answers", {}, { fault: { kind: "no_answer" } }),
  },
  {
    id: "reset",
    title: "Reset after 10 bytes",
    rule: fails("Resets", {}, { fault: { kind: "reset", after_bytes: 10 } }),
  },
  {
    id: "close",
    title: "Close without an answer",
    rule: fails("Closes", {}, { fault: { kind: "close" } }),
  },
  {
    id: "half",
    title: "Half-close the connection",
    rule: fails("Half-closes", {}, { body: "ok", fault: { kind: "half_close" } }),
  },
  {
    id: "drip",
    title: "Drip 5 bytes a second",
    rule: fails("Drips", {}, { body: "slowly", fault: { kind: "drip", bytes_per_s: 5 } }),
  },
  {
    id: "length",
    title: "Wrong Content-Length",
    rule: fails("Wrong length", {}, { body: "short", fault: { kind: "wrong_length", off_by: 10 } }),
  },
  {
    id: "slow",
    title: "Answer after 20 s",
    rule: fails("Slow", {}, { delay_ms: 20_000 }),
  },
  {
    id: "echo",
    title: "Echo as JSON, from a template",
    rule: fails(
      "Echo",
      {},
      {
        template: true,
        headers: [["Content-Type", "application/json"]],
        body: '{"id": "{{ uuid() }}", "number": {{ count }}, "you_sent": {{ (request.json or request.body) | tojson }}}',
      },
    ),
  },
];

/** A rule for requests like one that came: the same method and path, and the same type where it has one. */
export function ruleLike(request: CapturedRequest): AnswerRule {
  return {
    name: `${request.method} ${request.path || "/"}`.slice(0, 200),
    enabled: true,
    when: {
      methods: [request.method],
      // Stars of its own would stand for more than themselves.
      path: request.path === "" ? "/" : request.path.includes("*") ? null : request.path.slice(0, 256),
      nth: { from: 1, to: 3 },
    },
    then: { statuses: [503] },
  };
}
