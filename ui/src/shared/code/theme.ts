import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const look = EditorView.theme({
  "&": {
    height: "100%",
    color: "var(--ink)",
    backgroundColor: "var(--ground)",
    fontSize: "var(--text-small)",
  },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontVariantLigatures: "none", lineHeight: "18px" },
  ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--ink-3)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--hover)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--focus) 30%, transparent)",
  },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--wait-ground)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--busy-ground)", outline: "1px solid var(--focus)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--ground-3)", border: "none", color: "var(--ink-2)" },
  ".cm-panels": { backgroundColor: "var(--ground-2)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-tooltip": {
    backgroundColor: "var(--ground)",
    border: "1px solid var(--line-strong)",
    color: "var(--ink)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--selected)",
    color: "var(--ink)",
  },
  ".cm-textfield, .cm-button": { backgroundImage: "none", backgroundColor: "var(--ground)" },
});

/* Syntax is told by weight and lightness: colour is kept for state. */
const words = HighlightStyle.define([
  { tag: [tags.propertyName, tags.tagName, tags.attributeName], color: "var(--ink)", fontWeight: "600" },
  { tag: [tags.string, tags.attributeValue], color: "var(--ink-2)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--ink)" },
  {
    tag: [tags.comment, tags.punctuation, tags.separator, tags.brace, tags.squareBracket],
    color: "var(--ink-3)",
  },
]);

export const theme: Extension = [look, syntaxHighlighting(words)];
