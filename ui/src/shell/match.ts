/**
 * How well a query fits a text: every word of it must be there. Higher is better, 0 is not at all. The start
 * of a word counts for more than its middle, so "de" finds Deliveries before Endpoints.
 */
export function score(query: string, text: string): number {
  const haystack = text.toLowerCase();
  let sum = 1;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = haystack.indexOf(word);
    if (at < 0) return 0;
    sum += at === 0 ? 4 : /[\s-]/.test(haystack[at - 1] ?? "") ? 3 : 1;
  }
  return sum;
}
