import { Observable, type Subscriber } from 'rxjs';

export interface Probe {
  readonly source$: Observable<string>;
  /** How often it was subscribed to. */
  readonly subscribed: number;
  /** How many of these subscriptions have ended, in whatever way. */
  readonly tornDown: number;
}

/** A cold source that counts its subscriptions. */
export function probe(run: (subscriber: Subscriber<string>) => void): Probe {
  let subscribed = 0;
  let tornDown = 0;
  const source$ = new Observable<string>((subscriber) => {
    subscribed += 1;
    subscriber.add(() => (tornDown += 1));
    run(subscriber);
  });
  return {
    source$,
    get subscribed() {
      return subscribed;
    },
    get tornDown() {
      return tornDown;
    },
  };
}
