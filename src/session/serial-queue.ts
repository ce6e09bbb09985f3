import { AsyncSubject, catchError, concat, EMPTY, finalize, ignoreElements, type Observable } from 'rxjs';

/** Runs Observables one after another, each to its end even if nothing subscribes to its result. Keeps nothing in memory while idle. */
export class SerialQueue {
  #tail: Observable<unknown> | null = null;

  /**
   * Subscribes to `work$` now, or when the work that was added before has ended. The result emits the last value of `work$`, also to late
   * subscribers.
   */
  add<R>(work$: Observable<R>): Observable<R> {
    const done$ = new AsyncSubject<R>();
    const before$ = this.#tail;
    this.#tail = done$;
    const turn$ = before$?.pipe(
      ignoreElements(),
      catchError(() => EMPTY),
    );
    concat(turn$ ?? EMPTY, work$)
      .pipe(
        finalize(() => {
          if (this.#tail === done$) this.#tail = null;
        }),
      )
      .subscribe(done$);
    return done$;
  }
}
