import { finalize, Observable } from 'rxjs';

/** The part of `new PQueue({ concurrency: 4 })` that `queued` calls. */
interface Queue {
  add(task: () => Promise<void>, options: { signal: AbortSignal }): Promise<unknown>;
}

/** Sends the request when the queue has a slot for it. Unsubscribing leaves the queue, or ends the request and gives the slot back. */
export const queued = <T>(request$: Observable<T>, queue: Queue): Observable<T> =>
  new Observable((subscriber) => {
    const controller = new AbortController();
    const task = () =>
      new Promise<void>((resolve) => {
        if (subscriber.closed) resolve();
        else subscriber.add(request$.pipe(finalize(resolve)).subscribe(subscriber));
      });
    queue.add(task, { signal: controller.signal }).catch((error: unknown) => {
      if (!subscriber.closed) subscriber.error(error);
    });
    return () => {
      controller.abort();
    };
  });
