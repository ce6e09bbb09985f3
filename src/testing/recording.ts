import type { Observable, Subscription } from 'rxjs';

/** The values that an Observable has emitted so far. */
export interface Recording<T> {
  readonly values: readonly T[];
  /** How the Observable ended; `undefined` if it has not ended or was unsubscribed. */
  readonly settled: { readonly kind: 'complete' | 'error' } | undefined;
  unsubscribe(): void;
}

/** Subscribes and records the values and the end. An error is recorded as well, and not thrown. */
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
