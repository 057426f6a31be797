import { describe, expect, it } from "vitest";
import type { Attempt, Connection } from "$api/types";
import { askedToWait, certificateWarning, connectionText, pairsOf } from "./connection";

const now = Date.UTC(2026, 10, 21, 12);
const plain: Connection = {
  reused: false,
  http_version: "HTTP/1.1",
  local_addr: null,
  proxy: null,
  tls: null,
};
const tls = { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384", alpn: "h2", peer: null, problem: null };
const over = (connection: Connection | null, outcome: Attempt["outcome"] = "delivered") =>
  ({ connection, outcome }) as Attempt;

describe("a connection", () => {
  it("is told in one line", () => {
    expect(connectionText(over(plain))).toBe("New connection · HTTP/1.1 · without TLS");
    expect(connectionText(over({ ...plain, reused: true, http_version: "HTTP/2.0", tls }))).toBe(
      "Open already, used again · HTTP/2 · TLS 1.3",
    );
    expect(connectionText(over({ ...plain, proxy: "http://proxy:3128", http_version: null }))).toBe(
      "New connection · without TLS · by a proxy",
    );
    expect(connectionText(over({ ...plain, http_version: null, tls: { ...tls, version: null } }))).toBe(
      "New connection · TLS failed",
    );
    expect(connectionText(over(null))).toBe("No connection came about");
    const answered = { ...over(null), response: { status: 503 } } as Attempt;
    expect(connectionText(answered)).toBe("Nothing is recorded of it");
  });

  it("warns of a certificate that was let pass, and of no other", () => {
    const bad = { ...plain, tls: { ...tls, problem: "The certificate expired yesterday." } };
    expect(certificateWarning(over(bad))).toBe(
      "TLS is not verified here. If it were, this would have failed: the certificate expired yesterday.",
    );
    expect(certificateWarning(over(bad, "tls_failure"))).toBeNull();
    expect(certificateWarning(over({ ...plain, tls }))).toBeNull();
  });

  it("has a fingerprint as viewers write it", () => {
    expect(pairsOf("0aff12")).toBe("0A:FF:12");
  });
});

describe("Retry-After", () => {
  it.each([
    ["120", "asked to wait 2 min"],
    ["Sat, 21 Nov 2026 12:10:00 GMT", "asked to wait until 2026-11-21 12:10:00.000 UTC"],
    ["Sat, 21 Nov 2026 11:00:00 GMT", "asked to wait until a time that was over"],
    ["soon", "sent a Retry-After that cannot be read: soon"],
  ])("%s", (value, text) => expect(askedToWait([["retry-after", value]], now, true)).toBe(text));

  it("is not there", () => expect(askedToWait([["Retry", "1"]], now, true)).toBeNull());
});
