/** A queue. `shift()` of a long array moves all its items, so a loop that is far behind would take time quadratic in what it has to do. */
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
