import type { Replay } from "$api/types";
import { count, plural } from "$shared/size";

/** How far a replay is, in a sentence. */
export function progressSentence({ status, progress }: Replay): string {
  const ended = progress.delivered + progress.failed + progress.skipped;
  const parts = [
    progress.delivered ? `${count(progress.delivered)} delivered` : "",
    progress.failed ? `${count(progress.failed)} failed` : "",
    progress.skipped ? `${count(progress.skipped)} skipped` : "",
  ].filter(Boolean);
  const result = parts.length ? `: ${parts.join(", ")}` : "";
  if (status === "completed")
    return `Replay of ${plural(progress.total, "delivery", "deliveries")} done${result}`;
  if (status === "cancelled")
    return `Replay cancelled at ${count(ended)} of ${count(progress.total)}${result}`;
  const word = status === "paused" ? "Replay paused" : "Replay";
  return `${word}: ${count(ended)} of ${count(progress.total)}${result}`;
}

export function isOver(replay: Replay): boolean {
  return replay.status === "completed" || replay.status === "cancelled";
}
