// Who wants to hear of what, by name; who hears may come and go meanwhile.

type Callback<T> = (told: T) => void;

export class Listeners<T> {
  private readonly sets = new Map<string, Set<{ callback: Callback<T> }>>();

  /** One that throws keeps no other from hearing; `onThrow` is told. */
  constructor(private readonly onThrow: (error: unknown) => void) {}

  /** The same callback twice hears twice, until both are taken off. */
  add(name: string, callback: Callback<T>): () => void {
    const entry = { callback };
    const set = this.sets.get(name) ?? new Set();
    this.sets.set(name, set.add(entry));
    return () => {
      set.delete(entry);
      if (set.size === 0 && this.sets.get(name) === set) this.sets.delete(name);
    };
  }

  names(): string[] {
    return [...this.sets.keys()];
  }

  tell(name: string, told: T): void {
    const set = this.sets.get(name);
    for (const entry of set ? [...set] : []) {
      // Taken off by one that heard before.
      if (!set?.has(entry)) continue;
      try {
        entry.callback(told);
      } catch (error) {
        this.onThrow(error);
      }
    }
  }
}
