import {
  faulty,
  type FaultyCell,
  type Holder,
  type HolderOptions,
  type Peek,
  readers,
  signedIn,
} from './shared-fixture.ts';

/** Two holders of a store with the tokens 1 of the owner A. */
export interface TwoHolders {
  readonly store: Peek;
  readonly one: Holder;
  readonly two: Holder;
}

/** Two holders, of which the first one does not subscribe to `news$`. */
export function oneDeaf(): TwoHolders {
  const store = signedIn();
  const [one] = readers(store.cell, { deaf: true });
  const [two] = readers(store.cell);
  return { store, one, two };
}

/** Two holders, of which the first one reaches the store by a way that may fail. */
export function oneFaulty(options?: HolderOptions): TwoHolders & { readonly faults: FaultyCell } {
  const store = signedIn();
  const faults = faulty(store.cell);
  const [one] = readers(faults.cell, options);
  const [two] = readers(store.cell);
  return { store, faults, one, two };
}
