import type { WorkspaceSettings } from "$api/types";

/** What is to be changed; where that depends on what is set, made of that when its turn comes. */
export type Edits = Partial<WorkspaceSettings> | ((now: WorkspaceSettings) => Partial<WorkspaceSettings>);

export type Save = (edits: Edits, said: string, undoable?: boolean) => Promise<void>;

/** Saves what a switch was set to; it goes back by itself where that fails. */
export type Flip = (edits: Edits, said: string) => void;

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Puts back what edits changed: of a group of settings only those, whatever became of the others since. */
export function undoOf(before: WorkspaceSettings, edits: Partial<WorkspaceSettings>): Edits {
  const back = (name: keyof WorkspaceSettings, edit: unknown, now: WorkspaceSettings): unknown => {
    const [was, is]: unknown[] = [before[name], now[name]];
    if (!isGroup(edit) || !isGroup(was) || !isGroup(is)) return was;
    const differs = (part: string) => JSON.stringify(edit[part]) !== JSON.stringify(was[part]);
    const changed = Object.keys(edit).filter(differs);
    return { ...is, ...Object.fromEntries(changed.map((part) => [part, was[part]])) };
  };
  return (now) =>
    Object.fromEntries(
      Object.entries(edits).map(([name, edit]) => [name, back(name as keyof WorkspaceSettings, edit, now)]),
    );
}
