import { of, type Observable } from 'rxjs';
import { type Session, type SessionOptions, type TokenSet } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import {
  accepting,
  after,
  apiOf,
  at,
  changed,
  deferred,
  late,
  refusal,
  setUp,
  sharedStore,
  tokensOf,
} from './fixture.ts';

/** A session whose first refresh takes 50 ms, while at 10 ms another holder gets the tokens 7. */
function overtaken(
  outcome: Observable<TokenSet>,
  options: Partial<SessionOptions> = {},
): ReturnType<typeof setUp> & { readonly api: (...good: string[]) => ReturnType<typeof apiOf> } {
  const { store, write } = sharedStore();
  const outcomes = [outcome];
  const all = setUp({ store, refresh: () => outcomes.shift() ?? of(tokensOf(9)), ...options });
  at(10, () => {
    write(tokensOf(7));
  });
  return { ...all, api: (...good) => apiOf(all.session, accepting(...good)) };
}

describe('a refresh that another holder’s tokens have overtaken', () => {
  it('is the one that a request may cause: a 401 for those tokens stands', () => {
    marbles(({ flush }) => {
      const { api, refresh } = overtaken(late(50, refusal));
      const one = record(api('access-9').get$);
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: { status: 401 } });
      expect(refresh).toHaveBeenCalledTimes(1);
    });
  });

  it('is none that a request has caused where it waited for the lock only: a 401 for those tokens starts one', async () => {
    const { store, write } = sharedStore();
    const granted = deferred<undefined>();
    const { session, refresh } = setUp({
      store: { ...store, lock: (work) => granted.promise.then(work) },
      refresh: () => of(tokensOf(9)),
    });
    const api = apiOf(session, accepting('access-9'));
    const one = record(api.get$);
    write(tokensOf(7));
    granted.resolve(undefined);
    expect(await one.outcome).toEqual({ kind: 'complete', values: ['access-9'] });
    expect(api.sent).toEqual(['access-1', 'access-7', 'access-9']);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
  });

  it('is followed by one for those tokens where it brings them too, and they have been rejected', () => {
    marbles(({ expectObservable, flush }) => {
      const { session, api, refresh, story } = overtaken(after(50, tokensOf(7)));
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

  const leave: [string, (session: Session) => void, TokenSet | null][] = [
    ['out', (session) => void session.signOut(), null],
    ['in', (session) => void session.signIn(tokensOf('other')), tokensOf('other')],
  ];

  it.each(leave)('gives nobody those tokens where a listener of the new state signs %s', (_title, change, tokens) => {
    marbles(({ flush }) => {
      const { session } = overtaken(late(50, refusal));
      const one = record(session.refresh$);
      session.state$.subscribe(({ status, generation }) => {
        if (status === 'signed-in' && generation === 2) change(session);
      });
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
      expect(session.state.tokens).toEqual(tokens);
    });
  });

  it.each(leave)('does not undo it where a listener of a failed `canRefresh` signs %s', (_title, change, tokens) => {
    marbles(({ flush }) => {
      const { session, api, store } = overtaken(late(50, refusal), {
        canRefresh: (current) => {
          if (current?.accessToken === 'access-7') throw new Error('oops');
          return true;
        },
      });
      session.events$.subscribe(({ type }) => {
        if (type === 'callback-failed') change(session);
      });
      const one = record(session.refresh$);
      at(20, () => record(api().get$));
      flush();
      expect(one.expectOneOutcome()).toMatchObject({ error: changed });
      expect([session.state.tokens, store.get()]).toEqual([tokens, tokens]);
    });
  });
});
