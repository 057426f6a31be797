/** What became of a name between two lists of names and values: headers, or the fields of a query. */
export interface PairRow {
  /** As the newer list writes it, where it has it. */
  name: string;
  before: string[];
  after: string[];
  state: "same" | "changed" | "added" | "removed" | "written";
}

export interface Pairs {
  rows: PairRow[];
  /** Whether the names that both have stand in another order. */
  reordered: boolean;
}

type Pair = readonly [name: string, value: string];

/**
 * Two lists side by side by name. Names are the same in whatever case, where `ignoringCase`; that only their case
 * differs is told. Values of one name keep their order.
 */
export function comparePairs(before: readonly Pair[], after: readonly Pair[], ignoringCase: boolean): Pairs {
  const key = (name: string): string => (ignoringCase ? name.toLowerCase() : name);
  const older = grouped(before, key);
  const newer = grouped(after, key);
  const rows: PairRow[] = [];
  for (const one of [...newer.keys(), ...[...older.keys()].filter((name) => !newer.has(name))]) {
    const [was, is] = [older.get(one) ?? [], newer.get(one) ?? []];
    rows.push({
      name: (is[0] ?? was[0])?.[0] ?? one,
      before: was.map(([, value]) => value),
      after: is.map(([, value]) => value),
      state: stateOf(was, is),
    });
  }
  const common = (list: readonly Pair[], other: Map<string, Pair[]>): string =>
    JSON.stringify([...new Set(list.map(([name]) => key(name)))].filter((name) => other.has(name)));
  return { rows, reordered: common(before, newer) !== common(after, older) };
}

function grouped(list: readonly Pair[], key: (name: string) => string): Map<string, Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const pair of list) {
    const name = key(pair[0]);
    const group = groups.get(name);
    if (group) group.push(pair);
    else groups.set(name, [pair]);
  }
  return groups;
}

function stateOf(was: Pair[], is: Pair[]): PairRow["state"] {
  if (was.length === 0) return "added";
  if (is.length === 0) return "removed";
  const values = (list: Pair[]): string => JSON.stringify(list.map(([, value]) => value));
  if (values(was) !== values(is)) return "changed";
  return was.every(([name], at) => name === is[at]?.[0]) ? "same" : "written";
}
