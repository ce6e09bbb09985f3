import { of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, setUp, tokensOf, unauthorized } from './fixture.ts';

describe('within minRefreshIntervalMs', () => {
  it('a 401 for a token that was just refreshed is delivered', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp();
      const api = apiOf(session, accepting());
      record(session.refresh$);
      let recent: unknown;
      at(999, () => {
        recent = record(api.get$).settled;
      });
      at(1_000, () => record(api.get$));
      flush();
      expect(recent).toMatchObject({ error: unauthorized });
      expect(api.sent).toEqual(['access-2', 'access-2', 'access-3']);
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });

  it('a 401 after a failed refresh gets that failure, and no other refresh starts', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ refresh: () => throwError(() => new Error('offline')) });
      const api = apiOf(session, accepting());
      const first = record(api.get$);
      let recent: unknown;
      at(999, () => {
        recent = record(api.get$).settled;
        expect(refresh).toHaveBeenCalledTimes(1);
      });
      at(1_000, () => record(api.get$));
      flush();
      expect(first.settled).toMatchObject({ error: { reason: 'unavailable' } });
      expect(recent).toEqual(first.settled);
      expect(refresh).toHaveBeenCalledTimes(2);
    });
  });

  it('another sign-in can refresh at once', () => {
    const { session, refresh } = setUp();
    const api = apiOf(session, accepting());
    record(session.refresh$);
    void session.signIn(tokensOf('other'));
    record(api.get$);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('a subscription to refresh$ can refresh at once', () => {
    const { session, refresh } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});

it('a request causes one refresh, even when minRefreshIntervalMs is 0', () => {
  const { session, refresh } = setUp({ minRefreshIntervalMs: 0 });
  const api = apiOf(session, () => throwError(() => unauthorized));
  expect(record(api.get$).settled).toMatchObject({ error: unauthorized });
  expect(api.sent).toEqual(['access-1', 'access-2']);
  expect(refresh).toHaveBeenCalledTimes(1);
});

describe('a refresh that gives the rejected token again', () => {
  it.each(['refresh-1', undefined])(
    'with the refresh token %s fails as same-token, and no request is sent again',
    (refreshToken) => {
      const { session, store } = setUp({ refresh: () => of({ accessToken: 'access-1', refreshToken }) });
      const api = apiOf(session, accepting());
      expect(record(api.get$).expectOneOutcome()).toMatchObject({
        error: { name: 'RefreshFailedError', reason: 'same-token' },
      });
      expect([api.sent.length, session.state.generation]).toEqual([1, 1]);
      expect(store.get()).toMatchObject(tokensOf(1));
    },
  );

  it('with another refresh token succeeds: the new refresh token is kept, and the second 401 is the outcome', () => {
    const rotated = { accessToken: 'access-1', refreshToken: 'refresh-2' };
    const { session, store, refresh } = setUp({ refresh: () => of(rotated) });
    const api = apiOf(session, accepting());
    for (const request of [record(api.get$), record(api.get$)])
      expect(request.expectOneOutcome()).toMatchObject({ error: unauthorized });
    expect(api.sent).toHaveLength(3);
    expect(refresh).toHaveBeenCalledOnce();
    expect([session.state.tokens, store.get()]).toMatchObject([rotated, rotated]);
  });
});

describe('canRefresh', () => {
  it('that throws counts as false, and is reported', () => {
    const { session, story, refresh } = setUp({
      canRefresh: () => {
        throw new Error('oops');
      },
    });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ error: unauthorized });
    expect(story()).toEqual(['restored 1', 'callback-failed canRefresh']);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is called with the tokens', () => {
    const canRefresh = vi.fn(() => false);
    const { session } = setUp({ canRefresh });
    record(session.refresh$);
    expect(canRefresh.mock.calls).toEqual([[tokensOf(1)]]);
  });
});
