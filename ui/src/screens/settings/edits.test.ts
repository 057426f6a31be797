import { describe, expect, it } from "vitest";
import type { WorkspaceSettings } from "$api/types";
import { undoOf } from "./edits";

const egress = { deny_private: false, allow: [], deny: ["10.0.0.0/8"] };
const before = { metrics: false, max_in_flight: 64, egress } as unknown as WorkspaceSettings;

describe("an undo", () => {
  const back = (edits: Partial<WorkspaceSettings>, now: WorkspaceSettings) => {
    const undo = undoOf(before, edits);
    return typeof undo === "function" ? undo(now) : undo;
  };

  it("puts back what was there, and nothing else", () => {
    expect(back({ metrics: true }, { ...before, metrics: true, max_in_flight: 8 })).toEqual({
      metrics: false,
    });
  });

  it("leaves the others of a group as they have become since", () => {
    const edits = { egress: { ...egress, deny: [] } };
    const now = { ...before, egress: { deny_private: true, allow: ["a.example"], deny: [] } };
    expect(back(edits, now)).toEqual({
      egress: { deny_private: true, allow: ["a.example"], deny: ["10.0.0.0/8"] },
    });
  });
});
