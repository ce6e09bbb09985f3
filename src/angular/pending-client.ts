import { inject, PendingTasks } from '@angular/core';
import { defer, finalize, type Observable } from 'rxjs';
import type { Client } from '../http/index.ts';

/** Lets Angular know of a client's requests: an application is stable, and a page rendered, when they have ended. */
export function pendingClient(client: Client): Client {
  const tasks = inject(PendingTasks);
  const counted = <A extends readonly unknown[]>(send: (...args: A) => Observable<unknown>) => {
    return (...args: A): Observable<unknown> => {
      const request$ = send(...args);
      return defer(() => request$.pipe(finalize(tasks.add())));
    };
  };
  return {
    get: counted(client.get) as Client['get'],
    delete: counted(client.delete) as Client['delete'],
    head: counted(client.head) as Client['head'],
    options: counted(client.options) as Client['options'],
    post: counted(client.post) as Client['post'],
    put: counted(client.put) as Client['put'],
    patch: counted(client.patch) as Client['patch'],
    postForm: counted(client.postForm) as Client['postForm'],
    putForm: counted(client.putForm) as Client['putForm'],
    patchForm: counted(client.patchForm) as Client['patchForm'],
    request: counted(client.request) as Client['request'],
  };
}
