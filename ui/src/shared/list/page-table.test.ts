import { describe, expect, it } from "vitest";
import { PageTable, type PageAnswer } from "./page-table";

interface Row {
  id: string;
  note?: string;
}

const row = (number: number, note?: string): Row => ({ id: `r${String(number).padStart(6, "0")}`, note });

/** Rows from one number down to another, as a page. */
function page(from: number, to: number, last = false): PageAnswer<Row> {
  const data = Array.from({ length: from - to + 1 }, (_, index) => row(from - index));
  return { data, next_cursor: last ? null : (data.at(-1)?.id ?? null) };
}

function three(): PageTable<Row> {
  const table = PageTable.from(page(30, 21));
  table.append(row(21).id, page(20, 11));
  table.append(row(11).id, page(10, 1, true));
  return table;
}

const ids = (table: PageTable<Row>) =>
  table.pages.flatMap((one) => one.rows ?? []).map((one) => Number(one.id.slice(1)));

describe("a list in pages", () => {
  it("finds rows by place and by id", () => {
    const table = three();
    expect(table.count).toBe(30);
    expect(table.row(0)).toEqual(row(30));
    expect(table.row(29)).toEqual(row(1));
    expect(table.row(30)).toBeUndefined();
    expect(table.indexOf(row(15).id)).toBe(15);
    expect(table.indexOf(row(31).id)).toBe(-1);
  });

  it("takes a page only where it belongs", () => {
    const table = PageTable.from(page(30, 21));
    table.append("elsewhere", page(9, 1));
    expect(table.count).toBe(10);
  });

  it("keeps the place of pages it let go of, but never lets go of the first", () => {
    const table = three();
    table.forget(25, 30, 0);
    expect(table.pages.map((one) => one.rows === null)).toEqual([false, true, false]);
    expect(table.count).toBe(30);
    expect(table.row(12)).toBeUndefined();
    table.replace(row(21).id, page(20, 11));
    expect(table.row(12)).toEqual(row(18));
  });

  it("knows in which page an id falls, though it is not there", () => {
    const table = three();
    table.replace(row(21).id, { data: [row(20), row(11)], next_cursor: row(11).id });
    expect(table.pageOf(row(15).id)?.first).toBe(row(20).id);
    expect(table.pageOf(row(31).id)).toBeUndefined();
  });

  it("a page that lost rows does not take those of the next one", () => {
    const table = three();
    const shrunk = { data: [row(20), row(12), row(10), row(9)], next_cursor: row(9).id };
    table.replace(row(21).id, shrunk);
    expect(ids(table)).toEqual([...ids(PageTable.from(page(30, 21))), 20, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("a page that lost all its rows is gone", () => {
    const table = three();
    table.replace(row(21).id, page(10, 1));
    expect(table.count).toBe(20);
    expect(table.row(10)).toEqual(row(10));
  });
});

describe("new rows", () => {
  it("come in at the top while it is in sight", () => {
    const table = three();
    table.replaceHead(page(32, 23), 500);
    expect(table.count).toBe(32);
    expect(ids(table).slice(0, 12)).toEqual([32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21]);
    expect(table.next).toBeNull();
  });

  it("that leave a gap start the list afresh", () => {
    const table = three();
    table.replaceHead(page(90, 81), 500);
    expect(ids(table)).toEqual([90, 89, 88, 87, 86, 85, 84, 83, 82, 81]);
    expect(table.next).toBe(row(81).id);
  });

  it("start the list afresh before its head grows without end", () => {
    const table = three();
    table.replaceHead(page(32, 23), 11);
    expect(table.count).toBe(10);
  });

  it("only count while the list is read further down", () => {
    const table = three();
    expect(table.refreshHead(page(33, 24))).toBe(3);
    expect(table.count).toBe(30);
    expect(table.row(0)).toEqual(row(30));
  });

  it("and what changed in sight changes in place", () => {
    const table = three();
    const answer = page(33, 24);
    answer.data[5] = row(28, "changed");
    table.refreshHead(answer);
    expect(table.row(2)).toEqual(row(28, "changed"));
  });

  it("are the whole list where there was none", () => {
    const table = PageTable.from<Row>({ data: [], next_cursor: null });
    expect(table.newest).toBeNull();
    table.replaceHead({ data: [row(1)], next_cursor: null }, 500);
    expect(table.count).toBe(1);
  });
});

describe("rows that go", () => {
  it("leave the head, and the rest stays", () => {
    const table = three();
    const answer = page(30, 21);
    answer.data.splice(3, 2);
    table.replaceHead(answer, 500);
    expect(ids(table).slice(0, 5)).toEqual([30, 29, 28, 25, 24]);
    expect(table.count).toBe(28);
  });

  it("leave what a bounded search has not come to yet", () => {
    const table = three();
    table.replaceHead({ data: [], next_cursor: row(25).id }, 500);
    expect(ids(table).slice(0, 5)).toEqual([24, 23, 22, 21, 20]);
    expect(table.count).toBe(24);
  });

  it("leave nothing behind when all are gone", () => {
    const table = three();
    table.replaceHead({ data: [], next_cursor: null }, 500);
    expect(table.count).toBe(0);
  });

  it("are replaced one by one where one was fetched", () => {
    const table = three();
    expect(table.put(row(15, "new"))).toBe(true);
    expect(table.row(15)).toEqual(row(15, "new"));
    expect(table.put(row(99))).toBe(false);
  });
});
