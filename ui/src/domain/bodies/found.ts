/** What a view tells about the search within it. */
export interface Found {
  count: number;
  /** Whether there are more than were counted. */
  capped: boolean;
}
