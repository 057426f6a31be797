import { describe, expect, it } from "vitest";
import type { FaultDial, FaultReceived, Forecast } from "$api/types";
import { fieldOf, formOf, readForm } from "./form";
import { presetOf, presetsFor, successOf } from "./presets";
import { dialNote, leapText, receivedText, standing, turnText } from "./words";

const plain: FaultDial = {
  statuses: [200],
  repeat: false,
  delay_ms: 0,
  headers: [],
  retry_after: null,
  body: "",
  fault: null,
  fail_first: null,
  certificate: "expired",
  drip_bytes_per_s: 1,
};

describe("presets", () => {
  it("end in what the endpoint takes as delivered", () => {
    const word = presetsFor({ kind: "body_word", word: "True", statuses: [201] });
    expect(word[0]).toMatchObject({
      title: "503 twice, then 201",
      dial: { statuses: [503, 503, 201], body: "True" },
    });
    expect(successOf({ kind: "statuses", statuses: [202, 204] }).status).toBe(202);
    expect(successOf({ kind: "statuses", statuses: [204, 200] }).status).toBe(200);
  });

  it("are told apart, and from a dial of one's own", () => {
    const presets = presetsFor({ kind: "any2xx" });
    expect(new Set(presets.map(({ title }) => title)).size).toBe(presets.length);
    for (const preset of presets) {
      const dial = { ...plain, ...preset.dial } as FaultDial;
      expect(presetOf(dial, presets)?.id).toBe(preset.id);
    }
    expect(presetOf({ ...plain, delay_ms: 1 }, presets)).toBeNull();
    // What says nothing about this fault makes no other dial of it.
    expect(presetOf({ ...plain, drip_bytes_per_s: 9 }, presets)?.id).toBe("fine");
  });
});

describe("the form", () => {
  it("gives back what it was made of", () => {
    const dials: FaultDial[] = [
      plain,
      {
        ...plain,
        statuses: [503, 429],
        repeat: true,
        delay_ms: 1500,
        headers: [["X-Mood", "bad"]],
        retry_after: { seconds: 30, form: "date" },
        body: { base64: "/w==" },
        fault: "drip",
        fail_first: 2,
        drip_bytes_per_s: 7,
      },
      { ...plain, fault: "bad_tls", certificate: "wrong_name" },
    ];
    for (const dial of dials) {
      const { dial: read, errors } = readForm(formOf(dial));
      expect(errors).toEqual({});
      expect({ ...plain, ...read }).toEqual(dial);
    }
  });

  it("names what is wrong in each field", () => {
    const bad = {
      ...formOf({ ...plain, fault: "drip" }),
      statuses: "503, 99",
      delay: "soon",
      retryAfter: "1.5",
      answerHeaders: "none",
      failFirst: "few",
      drip: "0",
    };
    const { errors } = readForm(bad);
    expect(Object.keys(errors).sort()).toEqual(
      ["statuses", "delay", "retryAfter", "answerHeaders", "failFirst", "drip"].sort(),
    );
    expect(readForm({ ...bad, delay: "3 min" }).errors.delay).toMatch("2 min");
    expect(readForm({ ...bad, statuses: " " }).errors.statuses).toMatch("at least");
  });

  it("finds its field for what the API says", () => {
    expect(fieldOf("dial.statuses[3]")).toBe("statuses");
    expect(fieldOf("dial.retry_after.seconds")).toBe("retryAfter");
    expect(fieldOf("name")).toBeNull();
  });
});

describe("words", () => {
  const row: FaultReceived = {
    number: 1,
    at: "2026-11-21T04:35:00.000Z",
    tls: false,
    method: "POST",
    path: "/",
    body_size: 2,
    delivery_id: null,
    attempt: null,
    status: 503,
    fault: null,
    problem: null,
  };

  it("say how a request went", () => {
    expect(receivedText(row)).toEqual({ tone: "bad", text: "503" });
    expect(receivedText({ ...row, status: 204 })).toEqual({ tone: "good", text: "204" });
    expect(receivedText({ ...row, status: null, fault: "reset" }).text).toBe("reset the connection");
    expect(receivedText({ ...row, status: 200, fault: "drip" }).text).toBe("200, a few bytes a second");
    expect(receivedText({ ...row, method: null, status: null, fault: "bad_tls" }).text).toBe(
      "a bad certificate",
    );
    expect(receivedText({ ...row, method: null, status: null }).text).toBe("not readable");
    // An endpoint that checks no certificate is answered all the same.
    expect(receivedText({ ...row, status: 200, fault: "bad_tls" })).toEqual({ tone: "good", text: "200" });
  });

  it("say where the dial stands", () => {
    const receiver = { dial: plain, turns: 0, next: { status: 200, fault: null } };
    expect(standing(receiver)).toBe("Nothing has come since it was set. The next gets: 200.");
    const slow = { ...receiver, turns: 2, dial: { ...plain, delay_ms: 20_000 } };
    expect(standing(slow)).toBe("2 requests since it was set. The next gets: 200, after 20,000 ms.");
    expect(turnText({ status: null, fault: "no_answer" })).toBe("no answer");
    const bad: FaultDial = { ...plain, fault: "bad_tls" };
    expect(dialNote(plain, true)).toBe("");
    expect(dialNote(bad, true)).toMatch("certificate alone");
    expect(dialNote(bad, false)).toMatch("takes any certificate");
  });
});

describe("a jump to the end of a plan", () => {
  const forecast = (count: number) => ({ buckets: [{ count }] }) as Forecast;
  it("tells what it does to the workspace", () => {
    const hours = 20 * 3_600_000;
    const whole = "Time goes on for the whole workspace, by 20 h to the end of the plan";
    expect(leapText(hours, 0, forecast(28))).toBe(`${whole}: 27 other deliveries are due on the way.`);
    expect(leapText(hours, 0, forecast(2))).toBe(`${whole}: 1 other delivery is due on the way.`);
    expect(leapText(hours, 0, forecast(1))).toBe(`${whole}.`);
    expect(leapText(hours, 0, null)).toBe(`${whole}.`);
  });
});
