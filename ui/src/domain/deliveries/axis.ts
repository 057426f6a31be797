import type { Attempt, DeliveryDetail } from "$api/types";
import { TimeScale, type Tick } from "../schedule/scale";
import { thin } from "./thin";

/** What can be drawn in full: an attempt that was made, one under way, or one that is planned. */
export type Marker =
  | { kind: "made"; number: number; place: number; attempt: Attempt }
  | { kind: "under_way"; number: number; place: number }
  | { kind: "planned"; number: number; place: number; at: number };

/** A moment that is not an attempt. */
export interface Flag {
  kind: "expires" | "plan_ends" | "expired" | "cancelled" | "skipped";
  at: number;
  /** Where on the line; null where it lies so far beyond that the line does not reach it. */
  place: number | null;
}

export interface Drawn {
  markers: Marker[];
  /** Attempts for which there is no room. */
  strokes: { number: number; place: number; made: boolean }[];
  flags: Flag[];
  /** Null once nothing is to come. */
  now: number | null;
  ticks: Tick[];
}

/** Room of a marker and of a tick's words, in pixels. */
const markerRoom = 30;
const tickRoom = 60;
/** Room of a marker where there are so many that some are strokes. */
const crowdedRoom = 44;
/** An expiry further off than so many times all that is planned is told, not drawn. */
const farOff = 10;

type Point =
  | { kind: "made"; at: number; attempt: Attempt; number: number }
  | { kind: "now"; at: number }
  | { kind: "planned"; at: number; due: number; number: number }
  | { kind: "flag"; at: number; flag: Flag };

const ms = (time: string) => Date.parse(time);

/** Where everything of a delivery lies on a line so many pixels long. `now` in milliseconds. */
export function draw(delivery: DeliveryDetail, chosen: number | null, now: number, width: number): Drawn {
  const made = delivery.attempts;
  const isOpen = delivery.completed_at === null;
  const start = ms(made[0]?.started_at ?? delivery.created_at);
  const toCome = delivery.planned_attempts.map(ms);
  const underWay = delivery.status === "in_flight";
  const firstPlanned = made.length + 1 + (underWay ? 1 : 0);
  const hasNow = isOpen && (toCome.length > 0 || underWay || made.length > 0);
  const chosenAt = made.findIndex((attempt) => attempt.number === chosen);
  const room = width ? Math.floor(width / crowdedRoom) : 12;
  const { full } = thin(made.length, toCome.length, room, chosenAt < 0 ? null : chosenAt);
  const isFull = new Set(full);

  const past: Point[] = made.map((attempt) => ({
    kind: "made",
    at: ms(attempt.started_at),
    attempt,
    number: attempt.number,
  }));
  // What should have gone out already goes out from now on, so that past and future never change places.
  const future: Point[] = toCome.map((due, index) => ({
    kind: "planned",
    at: Math.max(due, now),
    due,
    number: firstPlanned + index,
  }));
  const every: Point[] = [...past, ...(hasNow ? [{ kind: "now", at: now } as const] : []), ...future];
  const last = Math.max(start, ...every.map(({ at }) => at));
  const flags = flagsOf(delivery, start, last, now);
  const end = Math.max(last, ...flags.filter((flag) => flag.place !== null).map((flag) => flag.at));

  // The plan's end stands at its last attempt, which has its own place.
  const apart = flags.filter((flag) => flag.place !== null && flag.kind !== "plan_ends");
  const anchors: Point[] = [
    ...every.filter((point) => {
      if (point.kind === "made") return isFull.has(made.indexOf(point.attempt));
      return point.kind !== "planned" || isFull.has(made.length + point.number - firstPlanned);
    }),
    ...apart.map((flag) => ({ kind: "flag", at: Math.max(flag.at, isOpen ? now : flag.at), flag }) as const),
  ].sort((one, other) => one.at - other.at);
  const scale = new TimeScale({
    start,
    end,
    anchors: anchors.map(({ at }) => at),
    gap: width ? markerRoom / width : 0.05,
  });

  const drawn: Drawn = {
    markers: [],
    strokes: every.flatMap((point) =>
      point.kind !== "now" && point.kind !== "flag" && !anchors.includes(point)
        ? [{ number: point.number, place: scale.place(point.at), made: point.kind === "made" }]
        : [],
    ),
    flags,
    now: null,
    ticks: scale.ticks(width ? tickRoom / width : 0.1),
  };
  for (const [index, point] of anchors.entries()) {
    const place = scale.anchors[index] ?? 0;
    if (point.kind === "now") {
      drawn.now = place;
      if (underWay) drawn.markers.push({ kind: "under_way", number: made.length + 1, place });
    } else if (point.kind === "flag") point.flag.place = place;
    else if (point.kind === "made") drawn.markers.push({ ...point, place });
    else drawn.markers.push({ kind: "planned", number: point.number, at: point.due, place });
  }
  for (const flag of flags) if (flag.kind === "plan_ends") flag.place = drawn.markers.at(-1)?.place ?? 1;
  return drawn;
}

/** What else stands on the line. A flag that it does not reach has no place; the others get theirs later. */
function flagsOf(delivery: DeliveryDetail, start: number, last: number, now: number): Flag[] {
  const { completed_at, ended_because: because, expires_at, planned_attempts: planned } = delivery;
  if (completed_at !== null) {
    const told = because === "expired" || because === "cancelled" || because === "skipped";
    return told ? [{ kind: because, at: ms(completed_at), place: 0 }] : [];
  }
  const flags: Flag[] = [];
  const ends = planned.at(-1);
  if (ends !== undefined && ms(ends) > now) flags.push({ kind: "plan_ends", at: ms(ends), place: 0 });
  if (expires_at !== null) {
    const at = ms(expires_at);
    const reached = at - start <= farOff * Math.max(last - start, 60_000);
    flags.push({ kind: "expires", at, place: reached ? 0 : null });
  }
  return flags;
}
