/** The views of a body: the one that fits, the fitted one as text, the text as it came, the bytes. */
export type BodyTab = "fit" | "text" | "raw" | "hex";
