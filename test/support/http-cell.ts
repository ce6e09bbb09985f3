import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Observable, repeat, retry } from 'rxjs';
import type { Cell, StoredSession } from 'sluice/session';

const RECONNECT_MS = 20;

/** A cell whose engine is a `serveCell()`, in this process or in another one. */
export function httpCell(url: string): Cell<StoredSession> {
  return {
    read: async () => {
      const { status, body } = await send(url, 'GET');
      if (status !== 200) throw new Error(`The engine answered ${String(status)}.`);
      return JSON.parse(body) as StoredSession | null;
    },
    swap: async (expected, next) => {
      const { status } = await send(url, 'PUT', expected, JSON.stringify(next));
      if (status !== 204 && status !== 412) throw new Error(`The engine answered ${String(status)}.`);
      return status === 204;
    },
    // The engine sends a line at each connection, which counts as a change: a change before the connection may have been missed.
    news$: newsOf(url).pipe(retry({ delay: RECONNECT_MS }), repeat({ delay: RECONNECT_MS })),
  };
}

function newsOf(url: string): Observable<unknown> {
  return new Observable((subscriber) => {
    const listening = request(`${url}/news`, { agent: false }, (response) => {
      response.on('data', (chunk) => subscriber.next(chunk));
      response.once('close', () => subscriber.complete());
    });
    listening.on('error', (error) => subscriber.error(error)).end();
    return () => listening.destroy();
  });
}

function send(
  url: string,
  method: string,
  expected = 0,
  body = '',
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { method, agent: false, headers: { 'If-Match': String(expected) } }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, body: answer }), reject);
    })
      .once('error', reject)
      .end(body);
  });
}
