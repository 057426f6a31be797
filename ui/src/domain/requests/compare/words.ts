import ArrowUpDown from "@lucide/svelte/icons/arrow-up-down";
import CaseSensitive from "@lucide/svelte/icons/case-sensitive";
import Equal from "@lucide/svelte/icons/equal";
import Minus from "@lucide/svelte/icons/minus";
import Pencil from "@lucide/svelte/icons/pencil";
import Plus from "@lucide/svelte/icons/plus";
import type { Component } from "svelte";
import type { Tone } from "$shared/tone";
import type { Difference } from "./json-diff";
import type { PairRow } from "./pairs";

interface Words {
  text: string;
  tone: Tone;
  icon: Component<{ size?: number | string; "aria-hidden"?: boolean | "true" }>;
}

/** What became of something between the other request and this one. */
export const stateWords: Record<PairRow["state"] | Difference["kind"], Words> = {
  same: { text: "The same", tone: "off", icon: Equal },
  changed: { text: "Changed", tone: "wait", icon: Pencil },
  written: { text: "Other case", tone: "wait", icon: CaseSensitive },
  added: { text: "Added", tone: "good", icon: Plus },
  removed: { text: "Removed", tone: "bad", icon: Minus },
  moved: { text: "Moved", tone: "busy", icon: ArrowUpDown },
};
