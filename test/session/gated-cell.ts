import type { StoredSession } from 'sluice/session';
import type { SessionCell } from './shared-fixture.ts';

export interface GatedCell {
  readonly cell: SessionCell;
  /** Lets the swaps through that arrived while the gate was closed: each takes effect when its function is called. */
  readonly waiting: (() => void)[];
  close(): void;
  open(): void;
}

/** A cell whose swaps take effect when they are let through, in any order. */
export function gated(inner: SessionCell): GatedCell {
  const waiting: (() => void)[] = [];
  let isOpen = true;
  return {
    waiting,
    close: () => {
      isOpen = false;
    },
    open: () => {
      isOpen = true;
    },
    cell: {
      read: () => inner.read(),
      swap: (expected: number, next: StoredSession): boolean | Promise<boolean> =>
        isOpen
          ? (inner.swap(expected, next) as boolean)
          : new Promise((resolve) => {
              waiting.push(() => resolve(inner.swap(expected, next)));
            }),
    },
  };
}
