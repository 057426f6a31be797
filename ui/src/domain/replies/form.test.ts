import { describe, expect, it } from "vitest";
import { type Reply, readReply, replyField, replyForm } from "./form";

const reply: Reply = {
  statuses: [503, 429],
  repeat: true,
  delay_ms: 1_500,
  retry_after: { seconds: 30, form: "date" },
  headers: [["X-Mood", "bad"]],
  body: { base64: "/w==" },
};

describe("an answer in a form", () => {
  it("is read back as it was", () => {
    expect(readReply(replyForm(reply))).toEqual({ reply, errors: {} });
  });

  it("is 200 at once with nothing in it where nothing is said", () => {
    expect(readReply(replyForm({}))).toEqual({
      reply: { statuses: [200], repeat: false, delay_ms: 0, retry_after: null, headers: [], body: "" },
      errors: {},
    });
  });

  it("says at which field it is wrong", () => {
    const wrong = {
      ...replyForm(reply),
      statuses: "503, 99",
      delay: "3 min",
      retryAfter: "1.5",
      answerHeaders: "none",
    };
    expect(Object.keys(readReply(wrong).errors).sort()).toEqual([
      "answerHeaders",
      "delay",
      "retryAfter",
      "statuses",
    ]);
    expect(readReply({ ...wrong, statuses: " " }).errors.statuses).toMatch(/^Give a status/);
    expect(readReply({ ...wrong, delay: "soon" }).errors.delay).toMatch(/^Write it like/);
  });

  it("knows the field of an error", () => {
    const told = ["statuses[1]", "delay_ms", "retry_after.seconds", "headers[0]", "body", "fault"];
    expect(told.map(replyField)).toEqual(["statuses", "delay", "retryAfter", "answerHeaders", "body", null]);
  });
});
