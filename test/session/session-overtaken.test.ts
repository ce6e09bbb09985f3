import { of, type Observable } from 'rxjs';
import { type Session, type SessionOptions, type TokenSet } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record, type Recording } from '../support/recorder.ts';
import { accepting, after, apiOf, at, changed, late, refusal, setUp, shared, tokensOf } from './fixture.ts';

/**
 * A session whose first refresh takes 50 ms, while at 10 ms another holder's refresh, or its app, brings the tokens
 * 7.
 */
function overtaken(
  by: 'write' | 'updateElsewhere',
  outcome: Observable<TokenSet>,
  options: Partial<SessionOptions> = {},
) {
  const its = shared();
  const outcomes = [outcome];
  const all = setUp({ store: its.store, refresh: () => outcomes.shift() ?? of(tokensOf(9)), ...options });
  at(10, () => {
    its[by](tokensOf(7));
  });
  return { ...all, stored: its.record, api: (...good: string[]) => apiOf(all.session, accepting(...good)) };
}

const leave: [string, (session: Session) => void, TokenSet | null][] = [
  ['out', (session) => void session.signOut(), null],
  ['in', (session) => void session.signIn(tokensOf('other')), tokensOf('other')],
];

describe('a refresh that the refresh of another session on the same store has overtaken', () => {
  it('counts as the one refresh that a request may cause: a 401 for the other session’s tokens is delivered', () => {
    marbles(({ flush }) => {
      const { api, refresh } = overtaken('write', late(50, refusal));
      const one = record(api('access-9').get$);
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: { status: 401 } });
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it.each(leave)(
    'fails with SessionChangedError when a listener of `state$` signs %s on seeing the other session’s tokens',
    (_title, change, tokens) => {
      marbles(({ flush }) => {
        const { session } = overtaken('write', late(50, refusal));
        const one = record(session.refresh$);
        session.state$.subscribe(({ status, generation }) => {
          if (status === 'signed-in' && generation === 2) change(session);
        });
        flush();
        expect(one.expectOneOutcome()).toMatchObject({ error: changed });
        expect(session.state.tokens).toEqual(tokens);
      });
    },
  );
});

describe('a refresh that waits for the refresh of another session on the same store', () => {
  it('ends with the tokens of the other one: when these are rejected at once, no other refresh starts', () => {
    const { store, lease, write } = shared();
    const { session, refresh } = setUp({ store });
    const api = apiOf(session, accepting());
    lease(true);
    const one = record(api.get$);
    write(tokensOf(7));
    expect(one.expectOneOutcome()).toMatchObject({ error: { status: 401 } });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('does not count as the one refresh of a request when update() brought the other session’s tokens: their 401 starts one', () => {
    const { store, lease, updateElsewhere } = shared();
    const { session, refresh } = setUp({ store, refresh: () => of(tokensOf(9)) });
    const api = apiOf(session, accepting('access-9'));
    lease(true);
    const one = record(api.get$);
    updateElsewhere(tokensOf(7));
    expect(one.settled).toBeUndefined();
    lease(false);
    expect(one.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-9'] });
    expect(api.sent).toEqual(['access-1', 'access-7', 'access-9']);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
  });
});

describe('a refresh that the update() of another session on the same store has overtaken', () => {
  it('is followed by one for the newer tokens when it gives the same tokens and they were rejected', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, api, refresh, story } = overtaken('updateElsewhere', after(50, tokensOf(7)));
      record(session.refresh$);
      expectObservable(api('access-9').get$, '20ms ^').toBe('50ms (a|)', { a: 'access-9' });
      flush();
      expect(refresh.mock.calls).toMatchObject([
        [tokensOf(1), { reason: 'requested' }],
        [tokensOf(7), { reason: 'unauthorized' }],
      ]);
      expect(story().filter((it) => it.startsWith('refresh-failed'))).toEqual([]);
    });
  });

  it.each(leave)(
    'does not undo what a listener of `callback-failed` does that signs %s when `canRefresh` throws',
    (_title, change, tokens) => {
      marbles(({ flush }) => {
        const { session, api, stored } = overtaken('updateElsewhere', late(50, refusal), {
          canRefresh: (current) => {
            if (current?.accessToken === 'access-7') throw new Error('oops');
            return true;
          },
        });
        session.events$.subscribe(({ type }) => {
          if (type === 'callback-failed') change(session);
        });
        const one = record(session.refresh$);
        const rejected: Recording<string>[] = [];
        at(20, () => rejected.push(record(api().get$)));
        flush();
        // The request was released at 10 ms, when the newer tokens came.
        expect(one.values).toEqual([tokensOf(7)]);
        expect(rejected.map((request) => request.expectOneOutcome())).toMatchObject([{ error: changed }]);
        expect(session.state.tokens).toEqual(tokens);
        expect(stored()?.tokens ?? 'null').toBe(JSON.stringify(tokens));
      });
    },
  );
});
