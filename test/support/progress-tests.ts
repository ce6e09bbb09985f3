import { createClient, createSession, memoryStore, type Client, type RequestEvent } from 'sluice';
import { lastValueFrom, type Observable, tap, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pause } from './real-time.ts';

/** Larger than the buffers between a client and a server that does not read. */
const UPLOAD_BYTES = 16_000_000;
const DOWNLOAD_BYTES = 200_000;

type Progress = Extract<RequestEvent<unknown>, { type: 'uploadProgress' | 'downloadProgress' }>;

/**
 * Defines the tests of the progress in `observe: 'events'`.
 *
 * @param serverUrl - the URL of the running test's paced server
 * @param uploads - whether the adapter reports the progress of uploads by default
 */
export function describeProgress(adapter: 'http' | 'fetch' | 'xhr', serverUrl: () => string, uploads: boolean): void {
  /** In a browser a Blob, which is in another process already: other bodies are copied there, which blocks the page. */
  const uploadBody = (): unknown => {
    const bytes = new Uint8Array(UPLOAD_BYTES);
    return adapter === 'xhr' ? new Blob([bytes]) : bytes;
  };
  const app = (): Client => {
    const session = createSession({
      store: memoryStore({ accessToken: 'dead', refreshToken: 'r' }),
      refresh: () => Promise.resolve({ accessToken: 'fresh' }),
    });
    return createClient({ baseURL: serverUrl(), adapter, session });
  };
  /** Lets the body go on after its second send has begun to move, when axios has had the time to measure a speed. */
  const paced = (events$: Observable<RequestEvent<unknown>>, type: Progress['type']) => {
    let attempt = 0;
    let isPaced = false;
    return lastValueFrom(
      events$.pipe(
        tap((event) => {
          if (event.type === 'sent') attempt = event.attempt;
          if (isPaced || attempt !== 2 || event.type !== type) return;
          isPaced = true;
          void pause(400).then(() => fetch(`${serverUrl()}/go`, { method: 'POST' }));
        }),
        toArray(),
      ),
    );
  };
  const ofSend = (events: readonly RequestEvent<unknown>[], attempt: 1 | 2, type: Progress['type']): Progress[] => {
    const second = events.findIndex((event) => event.type === 'sent' && event.attempt === 2);
    const part = attempt === 1 ? events.slice(0, second) : events.slice(second);
    return part.filter((event): event is Progress => event.type === type);
  };
  const expectAnew = (progress: readonly Progress[], total: number): void => {
    const loaded = progress.map((event) => event.loaded);
    expect(loaded[0]).toBeLessThan(total);
    expect(loaded.at(-1)).toBe(total);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
    expect(progress[0]).not.toHaveProperty('rate');
    // The body has waited for 400 ms at least, and no test takes a minute.
    const { rate, estimated } = progress.find((event) => event.rate !== undefined) ?? {};
    expect(rate).toBeGreaterThan(total / 60_000);
    expect(rate).toBeLessThan(total / 0.25);
    expect(estimated).toBeGreaterThanOrEqual(0);
    for (const event of progress)
      expect(event.estimated).toBe(event.rate && event.total && (event.total - event.loaded) / event.rate);
  };

  describe(`the progress of a request over ${adapter}`, () => {
    it('has the rate and the estimate of a download, and starts from zero for a resend', async () => {
      const events = await paced(app().get('/download', { observe: 'events' }), 'downloadProgress');
      expectAnew(ofSend(events, 2, 'downloadProgress'), DOWNLOAD_BYTES);
    });

    if (!uploads) return;
    it('has the rate and the estimate of an upload, and starts from zero for a resend', async () => {
      // To follow redirects, axios's http adapter keeps the whole body, which it counts as sent as soon as it has read it.
      const options = { observe: 'events', maxRedirects: 0 } as const;
      const events = await paced(app().post('/upload', uploadBody(), options), 'uploadProgress');
      expect(ofSend(events, 1, 'uploadProgress').at(-1)).toMatchObject({ loaded: UPLOAD_BYTES, total: UPLOAD_BYTES });
      expectAnew(ofSend(events, 2, 'uploadProgress'), UPLOAD_BYTES);
      expect(events.at(-1)).toMatchObject({ type: 'response', response: { data: UPLOAD_BYTES } });
    });
  });
}
