import { http, HttpResponse } from 'msw';
import { setupWorker, type SetupWorker } from 'msw/browser';
import { afterAll, afterEach, beforeAll } from 'vitest';

/** In a test file: installs a service worker that answers for the page's own origin or for another one. */
export function useWorker(): SetupWorker {
  const worker = setupWorker();
  beforeAll(() => worker.start({ quiet: true, onUnhandledFrame: 'bypass' }));
  afterEach(() => {
    worker.resetHandlers();
  });
  afterAll(() => worker.stop());
  return worker;
}

export interface Seen {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | null;
}

/** Answers `GET <url>` with 200 for the token `good` and with 401 for any other, and records the requests. */
export function protect(worker: SetupWorker, url: string, good: string): readonly Seen[] {
  const seen: Seen[] = [];
  worker.use(
    http.all(url, ({ request }) => {
      const authorization = request.headers.get('authorization');
      seen.push({ url: request.url, method: request.method, authorization });
      return authorization === `Bearer ${good}`
        ? HttpResponse.json({ ok: true })
        : HttpResponse.json({ ok: false }, { status: 401 });
    }),
  );
  return seen;
}
