/**
 * A queue that stays fast when it is long. `shift()` of a long array moves all its items, so to take the items one by one would take time
 * quadratic in their number.
 */
export class Backlog<T> {
  #added: T[] = [];
  /** The items that were added before `#added`, the first one last. */
  #next: T[] = [];

  get size(): number {
    return this.#added.length + this.#next.length;
  }

  add(item: T): void {
    this.#added.push(item);
  }

  take(): T | undefined {
    if (this.#next.length === 0) {
      this.#next = this.#added.reverse();
      this.#added = [];
    }
    return this.#next.pop();
  }

  clear(): void {
    this.#added = [];
    this.#next = [];
  }
}
