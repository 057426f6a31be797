import Gauge from "@lucide/svelte/icons/gauge";
import InboxIcon from "@lucide/svelte/icons/inbox";
import Plug from "@lucide/svelte/icons/plug";
import Send from "@lucide/svelte/icons/send";
import SquarePen from "@lucide/svelte/icons/square-pen";
import Settings from "@lucide/svelte/icons/settings";
import Webhook from "@lucide/svelte/icons/webhook";
import type { Component } from "svelte";

export interface Screen {
  name: string;
  title: string;
  /** The letter that follows `g`. */
  letter: string;
  icon: Component<{ size?: number | string; "aria-hidden"?: boolean | "true" }>;
  load: () => Promise<{ default: Component }>;
}

/** The screens, in the order of the rail. A new screen is a folder and a line here. */
export const screens: Screen[] = [
  {
    name: "overview",
    title: "Overview",
    letter: "o",
    icon: Gauge,
    load: () => import("$screens/overview/Overview.svelte"),
  },
  {
    name: "inbox",
    title: "Inbox",
    letter: "i",
    icon: InboxIcon,
    load: () => import("$screens/inbox/Inbox.svelte"),
  },
  {
    name: "deliveries",
    title: "Deliveries",
    letter: "d",
    icon: Send,
    load: () => import("$screens/deliveries/Deliveries.svelte"),
  },
  {
    name: "endpoints",
    title: "Endpoints",
    letter: "e",
    icon: Webhook,
    load: () => import("$screens/endpoints/Endpoints.svelte"),
  },
  {
    name: "compose",
    title: "Compose",
    letter: "c",
    icon: SquarePen,
    load: () => import("$screens/compose/Compose.svelte"),
  },
  {
    name: "providers",
    title: "Providers",
    letter: "p",
    icon: Plug,
    load: () => import("$screens/providers/Providers.svelte"),
  },
  {
    name: "settings",
    title: "Settings",
    letter: "s",
    icon: Settings,
    load: () => import("$screens/settings/Settings.svelte"),
  },
];
