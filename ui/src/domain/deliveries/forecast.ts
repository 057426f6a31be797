import type { Forecast } from "$api/types";
import { count } from "$shared/size";
import { clock } from "$shared/time";

/**
 * What waits and when what is overdue goes out, in one line: "1,204 wait; 340 overdue go out until 14:05:00".
 * Null where nothing is overdue: what is due the moment it is asked goes out at once.
 */
export function forecastText({ waiting, overdue, spread_until }: Forecast, utc: boolean): string | null {
  if (spread_until === null || overdue === 0) return null;
  const waits = `${count(waiting)} ${waiting === 1 ? "waits" : "wait"}`;
  const goes = overdue === 1 ? "goes" : "go";
  return `${waits}; ${count(overdue)} overdue ${goes} out bit by bit until ${clock(Date.parse(spread_until), utc)}`;
}
