import type { CapturedRequest } from "$api/types";

export type Colour = NonNullable<CapturedRequest["colour"]>;

/** The colours a request can be marked with, in the order of their keys: the first is on `1`. */
export const colours: { value: Colour; title: string; key: string }[] = [
  { value: "red", title: "Red", key: "1" },
  { value: "orange", title: "Orange", key: "2" },
  { value: "yellow", title: "Yellow", key: "3" },
  { value: "green", title: "Green", key: "4" },
  { value: "blue", title: "Blue", key: "5" },
  { value: "purple", title: "Purple", key: "6" },
];

/** The word for a colour. */
export function colourTitle(colour: Colour): string {
  return colours.find((one) => one.value === colour)?.title ?? colour;
}

/** What a press on a colour makes of the one there is: the same again takes it away. */
export function pressed(now: Colour | null, colour: Colour): Colour | null {
  return now === colour ? null : colour;
}
