import { Observable } from 'rxjs';

/** The part of Node's `process` that loads `node:async_hooks`. An `import` of that module would fail in browsers. */
interface NodeProcess {
  getBuiltinModule?(id: 'async_hooks'): {
    readonly AsyncLocalStorage: { snapshot(): (work: () => void) => void };
  };
}

/** The part of zone.js that runs code in a zone. */
interface ZoneClass {
  readonly current?: { run(work: () => void): void };
}

/**
 * Delivers the value and the error of `source$` in the async context (`AsyncLocalStorage` of Node, and the zone of zone.js) in which this
 * function is called. Otherwise the end of a refresh would send all waiting requests in the context of the request that caused the refresh:
 * tracing tools would take them for parts of that request, and if that request was sent outside Angular's zone, Angular would not update
 * the view after their responses.
 */
export function inOwnContext<T>(source$: Observable<T>): Observable<T> {
  const { process, Zone } = globalThis as { readonly process?: NodeProcess; readonly Zone?: ZoneClass };
  const inContext = process?.getBuiltinModule?.('async_hooks').AsyncLocalStorage.snapshot();
  const zone = Zone?.current;
  const run = zone
    ? (work: () => void): void => {
        zone.run(inContext ? inContext.bind(null, work) : work);
      }
    : inContext;
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
