import { type Session, type TokenSet, type TokenStore } from 'sluice/session';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record } from '../support/recorder.ts';
import { accepting, apiOf, at, deferred, settle, setUp, slowStore, tokensOf } from './fixture.ts';

const storeThat = (get: () => unknown, more: Partial<TokenStore> = {}): TokenStore => ({
  get: get as TokenStore['get'],
  set: () => {},
  ...more,
});

describe.each<[string, (session: Session) => void, TokenSet | null, string[]]>([
  ['signOut', (session) => void session.signOut(), null, []],
  ['signIn', (session) => void session.signIn(tokensOf('other')), tokensOf('other'), ['signed-in 1']],
])('%s while the store is first read', (_title, change, held, story) => {
  it('takes effect at once and stays, whatever the store contains', () => {
    marbles(({ flush }) => {
      const store = slowStore(10, tokensOf(1));
      const all = setUp({ store });
      at(5, () => {
        change(all.session);
        expect(all.session.state).toMatchObject({ tokens: held, owner: held ? expect.any(String) : null });
      });
      flush();
      expect(all.session.state.tokens).toEqual(held);
      expect(store.held).toEqual(held && expect.objectContaining(held));
      expect(all.story()).toEqual(story);
    });
  });

  it('ends the waiting requests, once, with SessionChangedError', () => {
    marbles(({ flush }) => {
      const { session } = setUp({ store: slowStore(10, tokensOf(1)) });
      const api = apiOf(session, accepting('access-1', 'access-other'));
      const waiting = record(api.get$);
      at(5, () => {
        change(session);
        expect(waiting.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
      });
      flush();
      expect(api.sent).toEqual([]);
      expect(waiting.expectOneOutcome().kind).toBe('error');
    });
  });

  it('ends a waiting subscription to refresh$ with SessionChangedError', () => {
    marbles(({ flush }) => {
      const { session, refresh } = setUp({ store: slowStore(10, tokensOf(1)) });
      const waiting = record(session.refresh$);
      at(5, () => {
        change(session);
      });
      flush();
      expect(waiting.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
      expect(refresh).not.toHaveBeenCalled();
    });
  });
});

describe('dispose while the store is first read', () => {
  it('ends waiting requests, and does not use the tokens that the read brings', async () => {
    const read = deferred<TokenSet | null>();
    const { session, events } = setUp({ store: storeThat(() => read.promise) });
    const api = apiOf(session, () => ['sent']);
    const waiting = [record(api.get$), record(session.refresh$)];
    const states = record(session.state$);
    session.dispose();
    for (const it of waiting) expect(it.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
    read.resolve(tokensOf(1));
    await settle();
    expect(states.values.map(({ status }) => status)).toEqual(['restoring']);
    expect(session.state.status).toBe('disposed');
    expect([session.state.tokens, events, api.sent]).toEqual([null, [], []]);
  });
});

describe('a request that waited for the store', () => {
  it('belongs to the owner it was sent for: its 401 after a sign-out is SessionChangedError', () => {
    marbles(({ cold, flush }) => {
      const { session, refresh } = setUp({ store: slowStore(10, tokensOf(1)) });
      const api = apiOf(session, () => cold('10ms #', undefined, { status: 401 }));
      const request = record(api.get$);
      at(15, () => session.signOut());
      flush();
      expect(api.sent).toEqual(['access-1']);
      expect(request.expectOneOutcome()).toMatchObject({ error: { name: 'SessionChangedError' } });
      expect(refresh).not.toHaveBeenCalled();
    });
  });
});
