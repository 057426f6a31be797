import type { Timing } from "$api/types";

export interface Phase {
  key: keyof Timing;
  title: string;
  ms: number;
  /** Share of the whole, from 0 to 1. */
  share: number;
}

const titles: [keyof Timing, string][] = [
  ["dns_us", "Name"],
  ["connect_us", "Connect"],
  ["tls_us", "TLS"],
  ["first_byte_us", "Waiting"],
  ["body_us", "Body"],
];

/** The phases that happened, in order, with their share of the whole time. */
export function phases(timing: Timing, duration_ms: number): Phase[] {
  const happened = titles.flatMap(([key, title]) => {
    const us = timing[key];
    return us === null ? [] : [{ key, title, ms: us / 1000 }];
  });
  const sum = happened.reduce((total, phase) => total + phase.ms, 0);
  const whole = Math.max(sum, duration_ms, 0.001);
  return happened.map((phase) => ({ ...phase, share: phase.ms / whole }));
}
