import { clock } from "./clock";
import { deliveries } from "./deliveries";
import { endpoints } from "./endpoints";
import { events } from "./events";
import { faults } from "./faults";
import { inboxes } from "./inboxes";
import { providers } from "./providers";
import { replays } from "./replays";
import { requests } from "./requests";
import { signatures } from "./signatures";
import { settings } from "./settings";
import { shapes } from "./shapes";
import { stats } from "./stats";
import { strays } from "./strays";

/** Every call of the contract that the interface uses, a noun at a time. */
export const api = {
  clock,
  deliveries,
  endpoints,
  events,
  faults,
  inboxes,
  providers,
  replays,
  requests,
  settings,
  shapes,
  signatures,
  stats,
  strays,
};
