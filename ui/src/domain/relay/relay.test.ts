import { describe, expect, it } from "vitest";
import type { InboxRelay } from "$api/types";
import { answersOf, checkTarget, draftOf, fieldOf, targetForm, targetName } from "./form";
import { answerWords, relayState, relayWords } from "./words";

const relay: InboxRelay = {
  reply: "rtg_2",
  targets: [
    {
      id: "rtg_1",
      name: "Audit",
      url: "http://127.0.0.1:3000/audit",
      event_types: ["*"],
      host: "target",
      enabled: false,
    },
    {
      id: "rtg_2",
      name: "Handler",
      endpoint_id: "ep_1",
      event_types: ["message.*"],
      host: "sender",
      enabled: true,
    },
  ],
};

describe("the form of a relay", () => {
  it("says what is there as it is there", () => {
    const forms = relay.targets.map((one) => targetForm(one));
    const answers = answersOf(relay, forms);
    expect(answers).toBe(forms[1]?.key);
    expect(draftOf(answers, forms, [])).toEqual({
      reply: "rtg_2",
      targets: [
        {
          id: "rtg_1",
          name: "Audit",
          url: "http://127.0.0.1:3000/audit",
          event_types: ["*"],
          host: "target",
          enabled: false,
        },
        {
          id: "rtg_2",
          name: "Handler",
          endpoint_id: "ep_1",
          event_types: ["message.*"],
          host: "sender",
          enabled: true,
        },
      ],
    });
  });

  it("gives a new target neither id nor name, and lets the inbox answer where its target is gone", () => {
    const form = { ...targetForm(null), url: " http://h/ " };
    const draft = draftOf(answersOf({ ...relay, reply: "rtg_9" }, [form]), [form], []);
    expect(draft).toEqual({
      reply: "inbox",
      targets: [{ url: "http://h/", event_types: ["*"], host: "target", enabled: true }],
    });
  });

  it("names the new target that answers, by a name that no other has", () => {
    const one = { ...targetForm(null), url: "http://h:1/" };
    const two = { ...targetForm(null), url: "http://h:1/other" };
    const draft = draftOf(two.key, [one, two], []);
    expect(draft?.reply).toBe("h:1 (2)");
    expect(draft?.targets.map((target) => target.name)).toEqual([undefined, "h:1 (2)"]);
    expect(draftOf(one.key, [{ ...one, name: "inbox" }], [])?.reply).toBe("inbox (2)");
    const known = { ...targetForm(relay.targets[0] ?? null) };
    expect(draftOf(known.key, [known], [])?.reply).toBe("rtg_1");
  });

  it("takes the relay away with its last target", () => {
    expect(draftOf("inbox", [], [])).toBeNull();
  });

  it("names what is wrong with a target", () => {
    const form = targetForm(null);
    for (const url of ["", "127.0.0.1:3000", "ftp://h/", "http://"]) {
      expect(checkTarget({ ...form, url }).url).toMatch(/http/);
    }
    expect(checkTarget({ ...form, url: "https://h/x?y" })).toEqual({});
    expect(checkTarget({ ...form, to: "endpoint", events: [] })).toEqual({
      endpointId: "Choose an endpoint.",
      events: "Choose an event, or all of them.",
    });
  });

  it("puts the API's errors beside their fields", () => {
    expect(fieldOf("url")).toBe("url");
    expect(fieldOf("event_types[1]")).toBe("events");
    expect(fieldOf("enabled")).toBeNull();
  });

  it("calls a target by its name, or by where it is", () => {
    const form = { ...targetForm(null), url: "http://h/" };
    expect(targetName({ ...form, name: "A " }, [])).toBe("A");
    expect(targetName(form, [])).toBe("h");
    expect(targetName({ ...form, url: "not yet" }, [])).toBe("not yet");
    expect(targetName({ ...form, to: "endpoint" }, [])).toBe("New target");
    expect(targetName({ ...form, to: "endpoint", endpointId: "ep_1" }, [])).toBe("An endpoint");
    expect(targetName({ ...form, to: "endpoint", endpointId: "ep_1" }, [{ id: "ep_1", name: "E" }])).toBe(
      "E",
    );
    expect(targetName({ ...form, url: "" }, [])).toBe("New target");
  });
});

it("says on the bar to how many targets it relays", () => {
  expect(relayWords(relay)).toBe("relays to 1 target");
  expect(relayWords({ ...relay, targets: relay.targets.slice(0, 1) })).toBe(
    "relays to none: its targets are off",
  );
  expect(relayWords({ reply: "inbox", targets: [] })).toBeNull();
  expect(relayWords(null)).toBeNull();
});

it("says who answers the sender", () => {
  const inbox = { response: { status: 204, headers: [], body: "", delay_ms: 0 } };
  expect(answerWords(inbox, null)).toMatch(/answers 204 at once/);
  expect(answerWords(inbox, "“Handler”")).toMatch(/waits for what “Handler” answers/);
});

describe("where a relay stands", () => {
  const response = (status: number) => ({ status, headers: [], body_size: 0, body_truncated: false });

  it("is in the words of deliveries where it is queued", () => {
    expect(relayState({ way: "queued", status: "retrying", response: response(503) })).toEqual({
      tone: "wait",
      text: "Retrying 503",
    });
    expect(relayState({ way: "queued", status: "pending", response: null }).text).toBe("Pending");
  });

  it("tells what the sender got where it waited", () => {
    const inline = (status: "in_flight" | "delivered" | "failed" | "cancelled", code?: number) =>
      relayState({ way: "inline", status, response: code === undefined ? null : response(code) });
    expect(inline("in_flight")).toEqual({ tone: "busy", text: "Under way" });
    expect(inline("delivered", 201)).toEqual({ tone: "good", text: "Answered 201" });
    expect(inline("delivered", 500)).toEqual({ tone: "bad", text: "Answered 500" });
    expect(inline("failed")).toEqual({ tone: "bad", text: "No answer" });
    expect(inline("failed", 200)).toEqual({ tone: "bad", text: "Broke off after 200" });
    expect(inline("cancelled", 200)).toEqual({ tone: "wait", text: "Sender hung up" });
  });
});
