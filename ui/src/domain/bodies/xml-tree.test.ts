import { describe, expect, it } from "vitest";
import { atOnce } from "./slices";
import { folds, openXmlAtFirst, rowText, visibleXml, xmlPath, xmlTreeSteps } from "./xml-tree";

const tree = (text: string, limit?: number) => atOnce(xmlTreeSteps(text, limit));
const rows = (text: string) => {
  const made = tree(text);
  return [...visibleXml(made, openXmlAtFirst(made))].map(
    (node) => "  ".repeat(made.depths[node] ?? 0) + rowText(made, node, 80).text,
  );
};

describe("an outline of XML", () => {
  const order = `<?xml version="1.0"?>
    <order id="1"><!-- two --><item>A &amp; B</item><item><b/>tail</item><empty/><![CDATA[<x>]]></order>`;

  it("has a row an element, with its text where that is all it holds", () => {
    expect(rows(order)).toEqual([
      '<?xml version="1.0"?>',
      '<order id="1">',
      "  <!-- two -->",
      "  <item>A &amp; B",
      "  <item>",
      "    <b/>",
      "    tail",
      "  <empty/>",
      "  <![CDATA[<x>]]>",
    ]);
    expect(tree(order).note).toBe(null);
  });

  it("knows the path of an element and its whole text", () => {
    const made = tree(order);
    const node = made.kinds.findIndex((_, at) => rowText(made, at, 80).text === "<b/>");
    expect(xmlPath(made, node)).toBe("/order/item[2]/b");
    const item = made.spans.findIndex((_, at) => xmlPath(made, at) === "/order/item[2]");
    expect(made.text.slice(made.starts[item], made.wholeEnds[item])).toBe("<item><b/>tail</item>");
    expect(folds(made, item)).toBe(true);
    expect(folds(made, node)).toBe(false);
  });

  it("says what is not well formed, and shows what there is", () => {
    expect(tree("<a><b></a>").note).toBe("<b> is closed by </a>.");
    expect(tree("</a>").note).toBe("</a> closes nothing.");
    expect(tree("<a><b/>").note).toBe("<a> is never closed.");
    expect(tree("<a").note).toContain("never closed");
    expect(rows("<a><b/>")).toEqual(["<a>", "  <b/>"]);
    expect(tree("<a/><b/><c/>", 2)).toMatchObject({
      kinds: ["element", "element"],
      note: expect.stringMatching(/first 2/),
    });
  });

  it("expands no entity and takes depth", () => {
    const laughs = `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>`;
    expect(rows(laughs).at(-1)).toBe("<a>&b;");
    const deep = tree("<a>".repeat(100_000) + "</a>".repeat(100_000));
    expect([deep.kinds.length, deep.note, deep.spans[0]]).toEqual([100_000, null, 100_000]);
    expect(visibleXml(deep, openXmlAtFirst(deep))).toHaveLength(400);
  });
});
