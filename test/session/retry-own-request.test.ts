import { defer, map, of, throwError } from 'rxjs';
import { retryOnUnauthorized, type SessionOptions, type TokenSet } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { internalsOf } from '../../src/session/session-internals.ts';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, deferred, settle, setUp, tokensOf, unauthorized } from './fixture.ts';

describe('a request that `refresh` makes with the session’s operator', () => {
  it('synchronously is sent at once, and its 401 is delivered', () => {
    const inner: unknown[] = [];
    const all = setUp({
      refresh: () => {
        const request = record(apiOf(all.session, accepting()).get$);
        inner.push(request.settled);
        return of(tokensOf(2));
      },
    });
    const api = apiOf(all.session, accepting('access-2'));
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
    expect(inner).toMatchObject([{ kind: 'error', error: unauthorized }]);
    expect(all.refresh).toHaveBeenCalledTimes(1);
  });

  it('as the Observable that it returns is recognised at each try', () => {
    marbles(({ flush }) => {
      let tries = 0;
      const all = setUp({
        refresh: () =>
          defer(() => (tries++ === 0 ? throwError(() => answer(503)) : of(null))).pipe(
            retryOnUnauthorized(all.session),
            map(() => tokensOf(2)),
          ),
        refreshRetries: { jitter: 0 },
      });
      const one = record(all.session.refresh$);
      flush();
      expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
      expect(tries).toBe(2);
    });
  });

  it('later is recognised by the signal that `refresh` was given', async () => {
    const gate = deferred<TokenSet>();
    const { session, refresh } = setUp({ refresh: () => gate.promise });
    const isOwnRequest = (given?: unknown): boolean => internalsOf(session).isOwnRequest(given);
    expect(isOwnRequest(undefined)).toBe(false);
    const one = record(session.refresh$);
    const signal = refresh.mock.calls[0]?.[1].signal;
    expect([isOwnRequest(signal), isOwnRequest(), isOwnRequest(new AbortController().signal)]).toEqual([
      true,
      false,
      false,
    ]);
    gate.resolve(tokensOf(2));
    await one.outcome;
    expect(isOwnRequest()).toBe(false);
  });

  it.each<[string, () => ReturnType<SessionOptions['refresh']>]>([
    ['gives tokens at once', () => of(tokensOf(2))],
    ['gives an error at once', () => throwError(() => new Error('offline'))],
    ['gives nothing', () => []],
    [
      'throws',
      () => {
        throw new Error('offline');
      },
    ],
  ])('is not confused with a listener or subscriber of the refresh, even when `refresh` %s', (_title, refresh) => {
    const seen: boolean[] = [];
    const { session } = setUp({ refresh });
    const note = (): void => {
      seen.push(internalsOf(session).isOwnRequest());
    };
    session.events$.subscribe(note);
    session.refresh$.subscribe({ next: note, error: note, complete: note });
    expect(seen).not.toContain(true);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('after an `await` and without the signal waits for its own refresh until the timeout, whose error names the signal', async () => {
    const all = setUp({
      refresh: async () => {
        await Promise.resolve();
        await record(apiOf(all.session, accepting()).get$).outcome;
        return tokensOf(2);
      },
      refreshTimeoutMs: 10,
    });
    const api = apiOf(all.session, accepting());
    expect(await record(api.get$).outcome).toMatchObject({
      error: { reason: 'timeout', message: expect.stringContaining('signal') },
    });
    await settle();
  });
});
