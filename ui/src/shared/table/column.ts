import type { Snippet } from "svelte";

export interface Column<T> {
  key: string;
  title: string;
  /** A track of a CSS grid: "120px", "minmax(160px, 2fr)". */
  width: string;
  align?: "start" | "end";
  /** Left out while the table is narrower than this many pixels. */
  from?: number;
  cell: Snippet<[T]>;
}

/** What a table draws. `PagedList` is one; a plain array becomes one through `rowsOf`. */
export interface Rows<T> {
  readonly count: number;
  readonly hasMore: boolean;
  row(index: number): T | undefined;
  indexOf(id: string): number;
  show(start: number, end: number, atTop: boolean): void;
}

export function rowsOf<T extends { id: string }>(items: T[]): Rows<T> {
  return {
    count: items.length,
    hasMore: false,
    row: (index) => items[index],
    indexOf: (id) => items.findIndex((item) => item.id === id),
    show: () => undefined,
  };
}
