import type { Observable, Subscription } from 'rxjs';

/** What an Observable has given so far. */
export interface Recording<T> {
  readonly values: readonly T[];
  /** How it has ended, if it has ended by itself. */
  readonly settled: { readonly kind: 'complete' | 'error' } | undefined;
  unsubscribe(): void;
}

/** Subscribes, and writes down what comes. An error is written down too, and not thrown. */
export function record<T>(source$: Observable<T>): Recording<T> {
  const values: T[] = [];
  let settled: Recording<T>['settled'];
  const subscription: Subscription = source$.subscribe({
    next: (value) => values.push(value),
    error: () => (settled = { kind: 'error' }),
    complete: () => (settled = { kind: 'complete' }),
  });
  return {
    values,
    get settled() {
      return settled;
    },
    unsubscribe: () => subscription.unsubscribe(),
  };
}
