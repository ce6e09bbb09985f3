import { AsyncSubject, catchError, concat, EMPTY, finalize, ignoreElements, type Observable } from 'rxjs';

/** Runs works one after another, each to its end whether or not anybody listens. Holds nothing while it is idle. */
export class SerialQueue {
  #tail: Observable<unknown> | null = null;

  /** Starts `work$` now, or after the works before it. The result gives its last value, also to late subscribers. */
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
