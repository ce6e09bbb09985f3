/** Calls a function at once while the gate is open; keeps it until the gate opens otherwise. */
export interface Gate {
  readonly waiting: number;
  readonly isOpen: boolean;
  pass(go: () => void): void;
  open(): void;
  close(): void;
}

export function gate(openAtFirst: boolean): Gate {
  let isOpen = openAtFirst;
  let queue: (() => void)[] = [];
  return {
    get waiting() {
      return queue.length;
    },
    get isOpen() {
      return isOpen;
    },
    pass: (go) => {
      if (isOpen) go();
      else queue.push(go);
    },
    open: () => {
      isOpen = true;
      const now = queue;
      queue = [];
      for (const go of now) go();
    },
    close: () => {
      isOpen = false;
    },
  };
}
