import type { AxiosResponse } from 'axios';
import { concatMap, defer, firstValueFrom, lastValueFrom, Subject, toArray } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { dedupe, nextLink, paginate, retryBackoff, type RequestState, toRequestState } from 'sluice/operators';
import { SessionExpiredError } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { adapters, appOn, errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/api/thing';

/** Answers the first requests for the path with these, and all further ones with 200; returns when each arrived. */
function routeFailures(...failures: readonly { status: number; headers?: Record<string, string> }[]): number[] {
  const arrivals: number[] = [];
  auth.server.route(path, () => {
    arrivals.push(performance.now());
    return failures[arrivals.length - 1] ?? { body: 'fine' };
  });
  return arrivals;
}

describe.each(adapters)('over the wire, with the %s adapter,', (adapter) => {
  const app = () => appOn(auth.server, { adapter });

  it('retryBackoff() sends a get again when Retry-After has passed', async () => {
    const arrivals = routeFailures({ status: 503, headers: { 'retry-after': '0.2' } });
    const { api } = app();
    expect(await firstValueFrom(api.get(path).pipe(retryBackoff({ initialDelayMs: 0 })))).toBe('fine');
    expect(arrivals).toHaveLength(2);
    // A timer of Node may fire a millisecond early.
    expect(arrivals[1]! - arrivals[0]!).toBeGreaterThan(198);
  });

  it('retryBackoff() sends no post again after a 503, but sends a get again whose resend after a refresh failed with 503', async () => {
    const arrivals = routeFailures({ status: 503 }, { status: 503 });
    const { api } = app();
    const retried = retryBackoff({ initialDelayMs: 0 });
    expect(await errorOf(api.post(path, {}).pipe(retried))).toMatchObject({ response: { status: 503 } });
    expect(arrivals).toHaveLength(1);
    auth.server.expireAccess();
    expect(await firstValueFrom(api.get(path).pipe(retried))).toBe('fine');
    expect(auth.server.refreshes).toHaveLength(1);
  });

  it('nextLink() resolves a relative link against the URL to which the request was redirected', async () => {
    auth.server.route('/api/v1/things', () => ({ status: 302, headers: { location: '/api/v2/things/' } }));
    auth.server.route('/api/v2/things/', () => ({ headers: { link: '<page/2>; rel="next"' }, body: '[]' }));
    const response = await firstValueFrom(app().api.get('/api/v1/things', { observe: 'response' }));
    expect(nextLink(response)).toBe(`${auth.server.url}/api/v2/things/page/2`);
  });

  it('retryBackoff() sends a get again after its connection broke', async () => {
    let count = 0;
    auth.server.route(path, () => ((count += 1) === 1 ? { fault: 'reset' } : { body: 'fine' }));
    const { api } = app();
    expect(await firstValueFrom(api.get(path).pipe(retryBackoff({ initialDelayMs: 0 })))).toBe('fine');
  });

  it('retryBackoff() sends nothing again when the refresh was refused, or the caller has aborted', async () => {
    const { api } = app();
    const retried = retryBackoff({ initialDelayMs: 0, idempotent: true, retryIf: () => true });
    const controller = new AbortController();
    const hold = auth.server.hold(path);
    const aborted = errorOf(api.get(path, { signal: controller.signal }).pipe(retried));
    await hold.waiting(1);
    controller.abort();
    expect(await aborted).toMatchObject({ code: 'ERR_CANCELED' });
    hold.release();
    auth.server.expireAccess();
    auth.server.revokeFamily();
    expect(await errorOf(api.get(path).pipe(retried))).toBeInstanceOf(SessionExpiredError);
    expect(auth.server.sent(path)).toHaveLength(2);
  });

  it('dedupe() sends one request, and closes its connection when the last subscriber has left', async () => {
    const { api, session } = app();
    const hold = auth.server.hold(path);
    const get = dedupe(session, (url: string) => api.get(url));
    const [first, second] = [record(get(path)), record(get(path))];
    await hold.waiting(1);
    first.unsubscribe();
    const third = record(get(path));
    second.unsubscribe();
    expect(auth.server.sent(path)).toHaveLength(1);
    third.unsubscribe();
    await auth.server.closed(path, 1);
    hold.release();
    expect(auth.server.sent(path)).toHaveLength(1);
  });

  it('dedupe() gives no subscriber the response of the previous person', async () => {
    const { api, session } = app();
    const get = dedupe(session, () => api.get<{ user: string }>('/api/test-get'));
    const hold = auth.server.hold('/api/test-get');
    const former = record(get());
    await hold.waiting(1);
    await session.signIn(auth.server.login('bob'));
    const present = record(get());
    await hold.waiting(2);
    hold.release();
    expect(await present.outcome).toMatchObject({ kind: 'complete', values: [{ user: 'bob' }] });
    expect((await former.outcome).values).not.toContainEqual(expect.objectContaining({ user: 'bob' }));
  });

  it('paginate() follows Link headers, and requests a page when the one before is consumed', async () => {
    const { api } = app();
    auth.server.route('/api/pages', ({ query }) => {
      const page = Number(query['page'] ?? 1);
      return { body: page, headers: page < 3 ? { link: `<pages?page=${page + 1}>; rel="next"` } : {} };
    });
    const get = (url: string) => api.get<number>(url, { observe: 'response' });
    const consumed = new Subject<void>();
    const recording = record(
      paginate(
        get('/api/pages'),
        (response: AxiosResponse<number>) => {
          const url = nextLink(response);
          return url !== undefined && get(url);
        },
        { each: async ({ data }) => firstValueFrom(consumed).then(() => data) },
      ),
    );
    const sent = () => auth.server.requests.filter((request) => request.path === '/api/pages').length;
    for (const page of [1, 2, 3]) {
      await waitFor(() => {
        expect(consumed.observed).toBe(true);
      });
      await fetch(`${auth.server.url}/public/flush`);
      expect(sent()).toBe(page);
      consumed.next();
    }
    expect(await recording.outcome).toEqual({ kind: 'complete', values: [1, 2, 3] });
    expect(
      auth.server.requests.filter(({ path: at }) => at === '/api/pages').map(({ query }) => query['page']),
    ).toEqual([undefined, '2', '3']);
  });

  it('toRequestState() closes the connection of a request that another replaces, and has progress in its states', async () => {
    const { api } = app();
    const hold = auth.server.hold(path);
    const ask = new Subject<string>();
    const seen: RequestState<unknown>[] = [];
    ask
      .pipe(
        toRequestState((url) => api.post(url, 'x'.repeat(1_000), { observe: 'events' }), {
          observe: 'events',
        }),
      )
      .subscribe((state) => seen.push(state));
    ask.next(path);
    await hold.waiting(1);
    ask.next('/api/text');
    await auth.server.closed(path, 1);
    hold.release();
    await waitFor(() => {
      expect(seen.at(-1)).toEqual({ status: 'resolved', value: 'plain text' });
    });
    expect(seen.map(({ progress }) => progress?.type)).toContain('uploadProgress');
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set(['idle', 'loading', 'resolved']));
  });
});

it('retryBackoff() works without a client: a thrown Response of fetch, with idempotent', async () => {
  let count = 0;
  auth.server.route('/public/thing', () => ({ status: (count += 1) < 3 ? 503 : 200, body: 'fine' }));
  const text$ = fromFetch(`${auth.server.url}/public/thing`).pipe(
    concatMap((response) => {
      if (!response.ok) throw response as unknown as Error;
      return response.text();
    }),
  );
  const all$ = defer(() => text$).pipe(retryBackoff({ initialDelayMs: 0, idempotent: true }), toArray());
  expect(await lastValueFrom(all$)).toEqual(['fine']);
  expect(count).toBe(3);
});
