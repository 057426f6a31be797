/** The views of a body: the one that fits, its JSON as a tree, the fitted one as text, the text as it came, the bytes. */
export type BodyTab = "fit" | "tree" | "text" | "raw" | "hex";
