import { expect, it } from "vitest";
import { strayWords } from "./words";

it("What reached no inbox is counted one by one", () => {
  expect(strayWords([{ count: 1 }])).toBe("1 request reached no inbox");
  expect(strayWords([{ count: 2 }, { count: 1_000 }])).toBe("1,002 requests reached no inbox");
});
