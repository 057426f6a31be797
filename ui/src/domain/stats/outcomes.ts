import type { Counts, Outcome, Stats } from "$api/types";

/** How the chart gathers outcomes: what arrived, what the server refused, and what never got an answer. */
export interface Series {
  delivered: number[];
  refused: number[];
  unanswered: number[];
}

const refused: readonly Outcome[] = ["http_error", "redirect"];

export function gather(counts: Counts): { delivered: number; refused: number; unanswered: number } {
  const sums = { delivered: 0, refused: 0, unanswered: 0 };
  for (const [outcome, count] of Object.entries(counts) as [Outcome, number][]) {
    if (outcome === "delivered") sums.delivered += count;
    else if (refused.includes(outcome)) sums.refused += count;
    else sums.unanswered += count;
  }
  return sums;
}

/** The chart's data: times in seconds, and three series. */
export function series(stats: Stats): { times: number[] } & Series {
  const rows = stats.buckets.map((bucket) => gather(bucket.counts));
  return {
    times: stats.buckets.map((bucket) => Date.parse(bucket.start) / 1_000),
    delivered: rows.map((row) => row.delivered),
    refused: rows.map((row) => row.refused),
    unanswered: rows.map((row) => row.unanswered),
  };
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The share of attempts that were delivered, in words: "98.4 %"; an en dash where there were none. */
export function successRate(counts: Counts): string {
  const all = total(counts);
  if (all === 0) return "–";
  const share = ((counts.delivered ?? 0) / all) * 100;
  // Never rounded up to a hundred while something failed.
  const text = share > 99.9 && share < 100 ? "99.9" : share.toFixed(1).replace(/\.0$/, "");
  return `${text} %`;
}

/** Bucket lengths that fall on round times, in milliseconds. */
const lengths = [60_000, 300_000, 900_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 86_400_000];

/** A round bucket for a stretch, such that there are at most about fifty of them. */
export function bucketFor(span_ms: number): number {
  return lengths.find((length) => span_ms / length <= 50) ?? 86_400_000;
}
