import { of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, setUp, tokensOf, unauthorized } from './fixture.ts';

describe('minRefreshIntervalMs', () => {
  it('gives the 401 of a token that was refreshed this recently to its caller', () => {
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

  it('gives the failure of a refresh this recent, and does not try again', () => {
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

  it('holds for one generation: another sign-in refreshes at once', () => {
    const { session, refresh } = setUp();
    const api = apiOf(session, accepting());
    record(session.refresh$);
    void session.signIn(tokensOf('other'));
    record(api.get$);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('does not bind refresh$: a person may try again at any time', () => {
    const { session, refresh } = setUp({ refresh: () => throwError(() => new Error('offline')) });
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});

it('lets a request cause one refresh, also where those may follow each other at once', () => {
  const { session, refresh } = setUp({ minRefreshIntervalMs: 0 });
  const api = apiOf(session, () => throwError(() => unauthorized));
  expect(record(api.get$).settled).toMatchObject({ error: unauthorized });
  expect(api.sent).toEqual(['access-1', 'access-2']);
  expect(refresh).toHaveBeenCalledTimes(1);
});

describe('a refresh that gives the rejected token again', () => {
  it('fails as same-token, and nothing is sent again', () => {
    const { session, store } = setUp({ refresh: () => of({ accessToken: 'access-1', refreshToken: 'refresh-2' }) });
    const api = apiOf(session, accepting());
    expect(record(api.get$).expectOneOutcome()).toMatchObject({
      error: { name: 'RefreshFailedError', reason: 'same-token' },
    });
    expect([api.sent.length, session.state.generation]).toEqual([1, 1]);
    expect(store.get()).toMatchObject(tokensOf(1));
  });
});

describe('canRefresh', () => {
  it('that throws means no, and is reported', () => {
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

  it('is asked with the tokens', () => {
    const canRefresh = vi.fn(() => false);
    const { session } = setUp({ canRefresh });
    record(session.refresh$);
    expect(canRefresh.mock.calls).toEqual([[tokensOf(1)]]);
  });
});
