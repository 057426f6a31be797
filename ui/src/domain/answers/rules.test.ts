import { describe, expect, test } from "vitest";
import { fieldOf, formOf, readForm, readTests } from "./form";
import { presets, ruleLike } from "./presets";
import { answeredWords, arrivalWords, ordinal, ruleWords, spanWords } from "./words";

describe("a rule", () => {
  test("is said in a sentence", () => {
    const words = Object.fromEntries(presets.map((one) => [one.id, ruleWords(one.rule)]));
    expect(words).toEqual({
      first: "The first 3 requests get 503.",
      busy: "The first of the requests get 429 with Retry-After 30 s.",
      random: "20 % of all requests get 500.",
      sequence: "All requests get 500, 429 then 200 in turn.",
      silent: "All requests: no answer ever comes.",
      reset: "All requests: the connection is reset after 10 bytes.",
      close: "All requests: the connection is closed without an answer.",
      half: "All requests get 200, and our side of the connection ends after the answer.",
      drip: "All requests get 200, and it comes at 5 bytes a second.",
      length: "All requests get 200, and its Content-Length is 10 too large.",
      slow: "All requests get 200 after 20 s.",
      echo: "All requests get 200 from a template.",
    });
    expect(
      ruleWords({
        when: {
          methods: ["POST", "PUT"],
          path: "/hooks/*",
          headers: [{ name: "X-A", contains: "b" }],
          json: [{ path: "data.to", equals: "+49" }],
          nth: { from: 2, to: 3 },
        },
        then: { statuses: [503, 200] },
      }),
    ).toBe(
      "The 2nd to 3rd of the POST or PUT requests to /hooks/* with “b” in header X-A and field data.to “+49” get 503 then 200, the last of them from then on.",
    );
  });

  test("reads back from its form as it was", () => {
    for (const { rule } of presets) {
      const once = readForm(formOf(rule));
      expect(once.errors).toEqual({});
      expect(readForm(formOf(once.rule)).rule).toEqual(once.rule);
    }
  });

  test("keeps what lines cannot say where nobody changes it", () => {
    const odd = {
      when: {
        methods: ["post"],
        headers: [{ name: "X-A", equals: " a\nb " }],
        query: [{ name: "a b", contains: "~" }],
        json: [{ path: "/a b:c", equals: "" }],
        share: { percent: 5, seed: 12_345_678_901 },
      },
      then: { statuses: [200], body: "(base64) AAAA" },
    };
    const { rule, errors } = readForm({ ...formOf(odd), name: "Another" });
    expect(errors).toEqual({});
    expect(rule).toMatchObject({ ...odd, name: "Another" });
    expect(readForm({ ...formOf(odd), headers: "X-B" }).rule.when?.headers).toEqual([
      { name: "X-B", present: true },
    ]);
  });

  test("says at which field it is wrong", () => {
    const form = { ...formOf({}), statuses: "99", path: "hooks", headers: "a b", to: "x", delay: "3 min" };
    expect(Object.keys(readForm(form).errors).sort()).toEqual(["delay", "headers", "path", "statuses", "to"]);
    const wrong = { ...formOf({}), fault: "wrong_length" as const, offBy: "0" };
    expect(readForm(wrong).errors.offBy).toBeDefined();
  });
});

test("conditions are lines", () => {
  expect(readTests("X-A: b c\nX-B ~ d\n\n X-C \n!X-D\nX-E:")).toEqual([
    { name: "X-A", equals: "b c" },
    { name: "X-B", contains: "d" },
    { name: "X-C", present: true },
    { name: "X-D", present: false },
    { name: "X-E", equals: "" },
  ]);
  expect(readTests("two words")).toBeNull();
  expect(readTests("!X: a")).toBeNull();
});

test("an error of the API finds its field", () => {
  expect(fieldOf("when.json[0].path")).toBe("json");
  expect(fieldOf("then.headers[1]")).toBe("answerHeaders");
  expect(fieldOf("then.fault.off_by")).toBe("offBy");
  expect(fieldOf("else")).toBeNull();
});

test("a rule for requests like one takes those alone", () => {
  const request = { method: "PUT", path: "/a" } as Parameters<typeof ruleLike>[0];
  expect(ruleWords(ruleLike(request))).toBe("The first 3 PUT requests to /a get 503.");
  expect(ruleLike({ ...request, path: "" }).when?.path).toBe("/");
});

test("numbers are counted in English", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 112].map(ordinal)).toEqual([
    "1st",
    "2nd",
    "3rd",
    "4th",
    "11th",
    "12th",
    "13th",
    "21st",
    "112th",
  ]);
});

test("an answer says its status, its rule and its fault", () => {
  const rule = { id: "rul_1", name: "Fails" };
  expect(answeredWords({ status: 200, rule: null, fault: null })).toBe("200");
  expect(answeredWords({ status: null, rule: null, fault: null })).toBe("Nothing");
  expect(answeredWords({ status: 503, rule, fault: null })).toBe("503 by “Fails”");
  expect(answeredWords({ status: null, rule, fault: "reset" })).toBe("Reset by “Fails”");
  for (const fault of [null, "drip"] as const) {
    const words = "Nothing: its sender had hung up before “Fails” answered";
    expect(answeredWords({ status: null, rule, fault })).toBe(words);
  }
  expect(answeredWords({ status: 200, rule, fault: "drip" })).toBe("Dripped, 200 by “Fails”");
});

test("an arrival is compared with the plan", () => {
  const arrived = {
    number: 3,
    request_id: "req_1",
    received_at: "2026-11-21T04:35:00.000Z",
    response: { status: 503, rule: null, fault: null },
    after_ms: 298_400,
    planned_ms: 300_000,
    planned_earliest_ms: 300_000,
    planned_latest_ms: 300_000,
    pace: "as_planned" as const,
  };
  expect(arrivalWords(arrived, "Stripe")).toBe(
    "The 3rd came 4 min 58 s after the 2nd; Stripe’s schedule says 5 min.",
  );
  expect(arrivalWords({ ...arrived, planned_earliest_ms: 240_000, pace: "early" }, "Stripe")).toBe(
    "The 3rd came 4 min 58 s after the 2nd; Stripe’s schedule says 5 min, 4 min to 5 min with its jitter: early.",
  );
  expect(arrivalWords({ ...arrived, planned_ms: null, pace: "beyond" }, "Stripe")).toBe(
    "The 3rd came 4 min 58 s after the 2nd; Stripe’s schedule was over.",
  );
  expect(arrivalWords({ ...arrived, pace: null, planned_ms: null }, null)).toBe(
    "The 3rd came 4 min 58 s after the 2nd.",
  );
  expect([40, 1_230, 12_345].map(spanWords)).toEqual(["40 ms", "1.2 s", "12 s"]);
});
