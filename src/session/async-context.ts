import { Observable } from 'rxjs';

/** The part of Node's `process` by which code that also runs in browsers gets `node:async_hooks`. */
interface NodeProcess {
  getBuiltinModule?(id: 'async_hooks'): {
    readonly AsyncLocalStorage: { snapshot(): (work: () => void) => void };
  };
}

/**
 * Emits and fails in the async context (`AsyncLocalStorage` of Node) in which it is called. The end of a refresh would otherwise
 * send all waiting requests in the context of the one that caused it, and tracing tools would take them for parts of that request.
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
