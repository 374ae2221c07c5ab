// The ids that were seen last, as many as are worth to be known: what comes again is known by them.

/** As many as the server keeps to resume from, unless it is told otherwise. */
const KEPT = 10_000;

export class RecentIds {
  private readonly ids = new Set<string>();

  /** Whether it is seen for the first time. */
  add(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.add(id);
    if (this.ids.size > KEPT) this.ids.delete(this.ids.values().next().value as string);
    return true;
  }
}
