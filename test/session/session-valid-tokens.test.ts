import { firstValueFrom, NEVER, of, Subject, throwError } from 'rxjs';
import type { TokenSet } from 'sluice/session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { accepting, answer, apiOf, deferred, refusal, settle, setUp, tokensOf, unauthorized } from './fixture.ts';

const minute = 60_000;
const living = (ms: number) => tokensOf(1, { expiresAt: Date.now() + ms });
const offline = () => throwError(() => new Error('offline'));

describe('validTokens', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());

  it.each([
    ['their expiry is unknown', undefined, 5 * minute],
    ['their expiry is unknown and `forMs` is infinite', undefined, Infinity],
    ['they live long enough', 10 * minute, 5 * minute],
    ['they live for 1 ms and `forMs` is 0', 1, 0],
  ])('gives the current tokens when %s', (_why, lifetime, forMs) => {
    const initial = lifetime === undefined ? tokensOf(1) : living(lifetime);
    const { session, refresh } = setUp({ initial });
    expect(record(session.validTokens({ forMs })).expectOneOutcome()).toEqual({ kind: 'complete', values: [initial] });
    expect(refresh).not.toHaveBeenCalled();
  });

  it.each([
    ['die too soon', 4 * minute, 5 * minute],
    ['die exactly when they are still wanted', 5 * minute, 5 * minute],
    ['are dead', -1, 0],
  ])('makes one refresh for all subscribers when the tokens %s', (_why, lifetime, forMs) => {
    const { session, refresh } = setUp({ initial: living(lifetime) });
    const asked = [record(session.validTokens({ forMs })), record(session.validTokens({ forMs }))];
    for (const one of asked) expect(one.values).toEqual([tokensOf(2)]);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('gives refreshed tokens without another refresh after a late 401 to the former token', () => {
    const former = new Subject<never>();
    const { session, refresh } = setUp({ minRefreshIntervalMs: 0 });
    const late = record(apiOf(session, (token) => (token === 'access-1' ? former : of('late'))).get$);
    record(session.refresh$);
    former.error(unauthorized);
    expect(late.values).toEqual(['late']);
    expect(record(session.validTokens()).values).toEqual([tokensOf(2)]);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('gives the current tokens during a refresh while they are valid, and waits for that refresh once they were rejected', () => {
    const { session } = setUp({ initial: living(10 * minute), refresh: () => NEVER });
    record(session.refresh$);
    expect(record(session.validTokens()).values).toHaveLength(1);
    record(apiOf(session, accepting('access-5')).get$);
    expect(record(session.validTokens()).settled).toBeUndefined();
    void session.update(tokensOf(5));
    expect(record(session.validTokens()).values).toEqual([tokensOf(5)]);
  });

  it('emits new tokens although their lifetime is shorter than `forMs`, and does not loop', () => {
    const { session, refresh } = setUp({ initial: living(-1), refresh: () => of(living(minute)) });
    expect(record(session.validTokens({ forMs: 5 * minute })).values).toHaveLength(1);
    expect(record(session.validTokens({ forMs: 5 * minute })).values).toHaveLength(1);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('gives the old tokens while they are valid when the refresh fails for now', () => {
    const { session } = setUp({ initial: living(4 * minute), refresh: offline });
    const asked = [
      record(session.validTokens({ forMs: 5 * minute })),
      record(session.validTokens({ forMs: 5 * minute })),
    ];
    for (const { values } of asked) expect(values).toMatchObject([tokensOf(1)]);
  });

  it('fails with the error of the refresh when the old tokens are dead', () => {
    const { session, refresh } = setUp({ initial: living(-1), refresh: offline });
    const failure = { error: { name: 'RefreshFailedError', reason: 'unavailable' } };
    const asked = [record(session.validTokens()), record(session.validTokens())];
    for (const one of asked) expect(one.expectOneOutcome()).toMatchObject(failure);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('fails with SessionExpiredError when the refresh is refused', () => {
    const { session } = setUp({ initial: living(-1), refresh: () => throwError(() => refusal) });
    expect(record(session.validTokens()).expectOneOutcome()).toMatchObject({ error: { name: 'SessionExpiredError' } });
  });

  it('fails as misconfigured when there is nothing to refresh dead tokens with', () => {
    const { session } = setUp({ initial: { accessToken: 'access-1', expiresAt: Date.now() - 1 } });
    expect(record(session.validTokens()).expectOneOutcome()).toMatchObject({ error: { reason: 'misconfigured' } });
  });

  it('gives null when nobody is signed in', () => {
    const { session } = setUp({ initial: null });
    expect(record(session.validTokens()).values).toEqual([null]);
  });

  it('gives the first tokens of a session without sign-in, and null when they are refused', () => {
    const { session } = setUp({ initial: null, canRefresh: () => true });
    expect(record(session.validTokens()).values).toEqual([tokensOf(2)]);
    const refused = setUp({ initial: null, canRefresh: () => true, refresh: () => throwError(() => refusal) });
    expect(record(refused.session.validTokens()).values).toEqual([null]);
    const away = setUp({
      initial: null,
      canRefresh: () => true,
      refresh: () => throwError(() => answer(503)),
      refreshRetries: false,
    });
    expect(record(away.session.validTokens()).expectOneOutcome()).toMatchObject({ error: { reason: 'unavailable' } });
  });

  it('joins a refresh that was started after one had failed, instead of failing with the error of that one', () => {
    const reply = new Subject<TokenSet>();
    const results = [offline(), reply];
    const { session } = setUp({ initial: living(-1), refresh: () => results.shift() ?? NEVER });
    record(session.refresh$);
    record(session.refresh$);
    const asked = record(session.validTokens());
    reply.next(tokensOf(2));
    expect(asked.expectOneOutcome()).toEqual({ kind: 'complete', values: [tokensOf(2)] });
  });

  it('fails without another refresh of a session without sign-in until the Retry-After of the last one has passed', () => {
    const busy = () => throwError(() => answer(503, { 'retry-after': '60' }));
    const { session, refresh } = setUp({ initial: null, canRefresh: () => true, refresh: busy });
    const asked = [record(session.validTokens()), record(session.validTokens())];
    for (const one of asked) expect(one.expectOneOutcome()).toMatchObject({ error: { reason: 'unavailable' } });
    expect(refresh).toHaveBeenCalledOnce();
    vi.setSystemTime(Date.now() + minute);
    record(session.validTokens());
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('gives null without another refresh once the cookie of a session without sign-in has been refused', () => {
    const { session, refresh } = setUp({
      initial: null,
      canRefresh: () => true,
      refresh: () => throwError(() => refusal),
    });
    const asked = [record(session.validTokens()), record(session.validTokens())];
    for (const one of asked) expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: [null] });
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('gives null after a sign-out, even when a cookie could restore the session', async () => {
    const { session, refresh } = setUp({ canRefresh: () => true });
    await session.signOut();
    expect(record(session.validTokens()).values).toEqual([null]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('waits until the store has been read', async () => {
    const read = deferred<ReturnType<typeof tokensOf> | null>();
    const { session } = setUp({ store: { get: () => read.promise, set: () => undefined } });
    const asked = record(session.validTokens());
    read.resolve(tokensOf(1));
    await settle();
    expect(asked.values).toEqual([tokensOf(1)]);
  });

  it('fails with SessionChangedError when the owner changes meanwhile', async () => {
    const { session } = setUp({ initial: living(-1), refresh: () => NEVER });
    const asked = firstValueFrom(session.validTokens());
    void session.signIn(tokensOf('other'));
    await expect(asked).rejects.toMatchObject({ name: 'SessionChangedError' });
  });

  it('throws for an unknown option at the call', () => {
    const { session } = setUp();
    expect(() => session.validTokens({ forMS: 5 } as never)).toThrow('validTokens() knows no forMS. It takes: forMs.');
  });

  it.each([-1, NaN, '5'])('throws for forMs: %s at the call', (forMs) => {
    const { session } = setUp();
    expect(() => session.validTokens({ forMs: forMs as number })).toThrow('forMs takes milliseconds, 0 or more');
  });
});
