import { inject, PendingTasks } from '@angular/core';
import { defer, finalize, type Observable, tap } from 'rxjs';
import type { Client } from '../http/index.ts';
import { headerOf } from '../session/internal.ts';

/**
 * Counts a client's requests as pending tasks of Angular, so that the application is not stable before they end. Otherwise a server would
 * render the page without their responses. A live stream counts only until its response begins, because it never ends: the server would
 * wait for ever, and the browser would go on taking responses from the page that the server rendered.
 */
export function pendingClient(client: Client): Client {
  const tasks = inject(PendingTasks);
  const withPendingTask = <A extends readonly unknown[]>(send: (...args: A) => Observable<unknown>) => {
    return (...args: A): Observable<unknown> => {
      const request$ = send(...args);
      return defer(() => {
        const done = tasks.add();
        const endIfLive = (answer: unknown): void => {
          if (headerOf(answer, 'content-type')?.startsWith('text/event-stream')) done();
        };
        return request$.pipe(tap(endIfLive), finalize(done));
      });
    };
  };
  return {
    // The spread also copies the axios instance and the session, which the client has under a symbol. Without them `traceRequests()` would
    // refuse this client, and streams would not end when the owner changes.
    ...client,
    get: withPendingTask(client.get) as Client['get'],
    delete: withPendingTask(client.delete) as Client['delete'],
    head: withPendingTask(client.head) as Client['head'],
    options: withPendingTask(client.options) as Client['options'],
    post: withPendingTask(client.post) as Client['post'],
    put: withPendingTask(client.put) as Client['put'],
    patch: withPendingTask(client.patch) as Client['patch'],
    postForm: withPendingTask(client.postForm) as Client['postForm'],
    putForm: withPendingTask(client.putForm) as Client['putForm'],
    patchForm: withPendingTask(client.patchForm) as Client['patchForm'],
    request: withPendingTask(client.request) as Client['request'],
  };
}
