import type { Timing } from "$api/types";

export interface Phase {
  key: keyof Timing;
  title: string;
  ms: number;
  /** Share of the whole, from 0 to 1. */
  share: number;
}

const titles: [keyof Timing, string][] = [
  ["dns_ms", "Name"],
  ["connect_ms", "Connect"],
  ["tls_ms", "TLS"],
  ["first_byte_ms", "Waiting"],
  ["body_ms", "Body"],
];

/** The phases that happened, in order, with their share of the whole time. */
export function phases(timing: Timing, duration_ms: number): Phase[] {
  const happened = titles.flatMap(([key, title]) => {
    const ms = timing[key];
    return ms === null ? [] : [{ key, title, ms }];
  });
  const sum = happened.reduce((total, phase) => total + phase.ms, 0);
  const whole = Math.max(sum, duration_ms, 0.001);
  return happened.map((phase) => ({ ...phase, share: phase.ms / whole }));
}
