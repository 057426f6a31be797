import { expect, it } from "vitest";
import { strayKind, strayWords } from "./words";

const stray = (count: number, code = "no_inbox") => ({ count, code });

it("What reached no inbox is counted one by one", () => {
  expect(strayWords([stray(1)])).toBe("1 request reached no inbox");
  expect(strayWords([stray(2), stray(1_000, "not_http")])).toBe("1,002 requests reached no inbox");
});

it("What was refused is told apart from what found no inbox", () => {
  expect(strayWords([stray(1, "unauthorized")])).toBe("1 request was refused");
  expect(strayWords([stray(2, "unauthorized"), stray(1, "not_allowed")])).toBe("3 requests were refused");
  expect(strayWords([stray(3), stray(1, "not_allowed"), stray(2, "tls_failed")])).toBe(
    "3 requests reached no inbox, 1 was refused, 2 TLS handshakes failed",
  );
  expect(strayKind({ code: "something_new" })).toBe("lost");
});
