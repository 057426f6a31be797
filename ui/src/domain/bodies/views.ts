import type { BodyTab } from "./tab";
import type { ViewerId } from "./viewer";

interface View {
  key: BodyTab;
  title: string;
}

const raw: View = { key: "raw", title: "Raw" };
const hex: View = { key: "hex", title: "Hex" };
const text: View = { key: "text", title: "Text" };

/** The views that a kind of body has, in their order. Text and HTML are shown as they came, which is what “Raw” is. */
export const views: Record<ViewerId, View[]> = {
  json: [{ key: "fit", title: "Tree" }, text, raw, hex],
  lines: [{ key: "fit", title: "Tree" }, raw, hex],
  cloudevents: [{ key: "fit", title: "CloudEvent" }, { key: "tree", title: "Tree" }, text, raw, hex],
  jwt: [{ key: "fit", title: "JWT" }, raw, hex],
  form: [{ key: "fit", title: "Form" }, raw, hex],
  multipart: [{ key: "fit", title: "Parts" }, raw, hex],
  xml: [{ key: "fit", title: "Tree" }, text, raw, hex],
  html: [{ key: "raw", title: "Raw HTML" }, hex],
  image: [{ key: "fit", title: "Image" }, raw, hex],
  text: [raw, hex],
  hex: [raw, hex],
};

/** The view that is open: the one that was chosen last where there is such a one, else the one that fits. */
export function openView(viewer: ViewerId, chosen: BodyTab): BodyTab {
  const has = (key: BodyTab): boolean => views[viewer].some((view) => view.key === key);
  if (has(chosen)) return chosen;
  if (chosen === "tree" && has("fit")) return "fit";
  if (has("fit")) return "fit";
  return viewer === "hex" ? "hex" : "raw";
}

/** Whether what is open can be searched. */
export function isSearched(viewer: ViewerId, open: BodyTab): boolean {
  return open !== "fit" || !["multipart", "image", "cloudevents", "jwt"].includes(viewer);
}
