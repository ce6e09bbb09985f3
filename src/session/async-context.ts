import { Observable } from 'rxjs';

/** The part of Node's `process` that loads `node:async_hooks`. An `import` of that module would fail in browsers. */
interface NodeProcess {
  getBuiltinModule?(id: 'async_hooks'): {
    readonly AsyncLocalStorage: { snapshot(): (work: () => void) => void };
  };
}

/**
 * Delivers the value and the error of `source$` in the async context (`AsyncLocalStorage` of Node) in which this function is called.
 * Otherwise the end of a refresh would send all waiting requests in the context of the request that caused the refresh, and tracing tools
 * would take them for parts of that request.
 */
export function inOwnContext<T>(source$: Observable<T>): Observable<T> {
  const { process } = globalThis as { readonly process?: NodeProcess };
  const run = process?.getBuiltinModule?.('async_hooks').AsyncLocalStorage.snapshot();
  if (!run) return source$;
  return new Observable((subscriber) =>
    source$.subscribe({
      next: (value) => {
        run(() => {
          subscriber.next(value);
        });
      },
      error: (error: unknown) => {
        run(() => {
          subscriber.error(error);
        });
      },
      complete: () => {
        subscriber.complete();
      },
    }),
  );
}
