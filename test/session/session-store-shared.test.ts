import { NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { marbles } from '../support/marbles.ts';
import { record, type Recording } from '../support/recorder.ts';
import {
  accepting,
  ADA,
  after,
  answer,
  apiOf,
  at,
  changed,
  late,
  refusal,
  setUp,
  shared,
  tokensOf,
} from './fixture.ts';

describe('a shared store that another session has written without a change notification', () => {
  it('is read before a refresh: newer tokens are adopted and `refresh` is not called', () => {
    const { store, write } = shared();
    const { session, refresh, story } = setUp({ store });
    write(tokensOf(7), true);
    const api = apiOf(session, accepting('access-7'));
    expect(record(api.get$).expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-7'] });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(7), generation: 2, owner: ADA });
    expect(story()).toEqual(['restored 1', 'refresh-started unauthorized 1', 'tokens-adopted 2', 'request-resent 2']);
  });

  it('is not adopted from a second time: the next refresh presents the adopted tokens', () => {
    const { store, write } = shared();
    const { session, refresh } = setUp({ store });
    write(tokensOf(7), true);
    record(session.refresh$);
    record(session.refresh$);
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
  });

  it('is adopted from again when another holder has written earlier tokens back', () => {
    const { store, write } = shared();
    const { session, refresh } = setUp({ store });
    write(tokensOf(7), true);
    record(session.refresh$);
    write(tokensOf(1), true);
    expect(record(session.refresh$).values).toEqual([tokensOf(1)]);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('costs one extra 401 when the adopted tokens are dead; then the refresh follows', () => {
    marbles(({ flush }) => {
      const { store, write } = shared();
      const { session, refresh, story } = setUp({ store, refresh: () => of(tokensOf(9)) });
      write(tokensOf(7), true);
      const api = apiOf(session, accepting('access-9'));
      const requests: Recording<string>[] = [];
      at(60_000, () => requests.push(record(api.get$)));
      flush();
      expect(requests[0]?.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-9'] });
      expect(api.sent).toEqual(['access-1', 'access-7', 'access-9']);
      expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(7)]);
      expect(story().filter((it) => it.startsWith('refresh-started'))).toHaveLength(2);
    });
  });

  it('signs out when another holder has emptied it: waiting requests fail with SessionChangedError', () => {
    const { store, write } = shared();
    const { session, refresh, story } = setUp({ store });
    write(null, true);
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: changed });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', owner: null });
    expect(story()).toContain('signed-out elsewhere');
  });
});

describe('a shared store with a broken record', () => {
  it('makes a refresh fail as unavailable: nothing is presented, and the session goes on', () => {
    const its = shared();
    const { session, refresh, story } = setUp({ store: its.store });
    its.garbage = { schema: 1, version: 2, owner: ADA };
    expect(record(session.refresh$).expectOneOutcome()).toMatchObject({ error: { reason: 'unavailable' } });
    expect(refresh).not.toHaveBeenCalled();
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(1) });
    expect(story()).toContain('store-failed get generation: not as expected');
  });
});

describe('a change notification of a shared store', () => {
  it('makes newer tokens of the same owner current', () => {
    const { store, write } = shared();
    const { session, story } = setUp({ store });
    write(tokensOf(2));
    expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, owner: ADA });
    expect(story()).toEqual(['restored 1', 'tokens-adopted 2']);
  });

  it('signs out and in again, and the next sign-in is another owner', () => {
    const { store, write, signInElsewhere } = shared();
    const { session, story } = setUp({ store });
    write(null);
    expect(session.state).toMatchObject({ status: 'signed-out', reason: 'elsewhere', owner: null });
    signInElsewhere(tokensOf(2));
    expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2) });
    expect([ADA, null]).not.toContain(session.state.owner);
    expect(story()).toEqual(['restored 1', 'signed-out elsewhere', 'signed-in 2']);
  });

  it('changes nothing when the record is known already', () => {
    const its = shared();
    const { session, states } = setUp({ store: its.store });
    its.tell();
    expect(states.length).toBe(1);
    its.write(null);
    its.tell();
    void session.signIn(tokensOf(3));
    its.tell();
    expect(states.map(({ status }) => status)).toEqual(['signed-in', 'signed-out', 'signed-in']);
  });

  it('ends the waiting requests and aborts the refresh when the record is a sign-out', () => {
    const { store, write } = shared();
    const { session, refresh } = setUp({ store, refresh: () => NEVER });
    const api = apiOf(session, accepting());
    const waiting = [record(session.refresh$), record(api.get$)];
    write(null);
    for (const it of waiting) expect(it.expectOneOutcome()).toMatchObject({ error: changed });
    expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(true);
  });

  it('whose Observable fails is reported, and the session goes on', () => {
    const { store, failNews } = shared();
    const { session, story } = setUp({ store });
    failNews(new Error('access-1'));
    expect(story()).toEqual(['restored 1', 'store-failed changes$ Error']);
    record(session.refresh$);
    expect(session.state.tokens).toEqual(tokensOf(2));
  });

  it('is reported and changes nothing when the record is broken; the next notification takes effect', () => {
    const its = shared();
    const { session, states, story } = setUp({ store: its.store });
    its.garbage = 'text';
    its.tell();
    expect([session.state.tokens, states.length]).toEqual([tokensOf(1), 1]);
    expect(story().at(-1)).toBe('store-failed get schema: not as expected');
    its.garbage = undefined;
    its.write(tokensOf(2));
    expect(session.state.tokens).toEqual(tokensOf(2));
  });
});

describe('a refresh of another holder that was quicker', () => {
  it('ends the one that runs here: waiting requests are sent at once, with its tokens', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, write } = shared();
      const { session, refresh } = setUp({ store, refresh: () => after(50, tokensOf(9)) });
      const api = apiOf(session, accepting('access-2'));
      expectObservable(api.get$).toBe('10ms (a|)', { a: 'access-2' });
      at(10, () => {
        write(tokensOf(2));
      });
      flush();
      expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, owner: ADA });
      expect(refresh.mock.calls[0]?.[1].signal.aborted).toBe(true);
    });
  });

  it('has effect although the one here is refused because of it: the store keeps its tokens', () => {
    marbles(({ flush }) => {
      const { store, write, record: stored } = shared();
      const { session, story } = setUp({ store, refresh: () => late(50, refusal) });
      const waiting = record(apiOf(session, accepting('access-2')).get$);
      at(10, () => {
        write(tokensOf(2), true);
      });
      flush();
      expect(waiting.expectOneOutcome()).toEqual({ kind: 'complete', values: ['access-2'] });
      expect(session.state).toEqual({ status: 'signed-in', tokens: tokensOf(2), generation: 2, owner: ADA });
      expect(stored()).toMatchObject({ owner: ADA, tokens: JSON.stringify(tokensOf(2)) });
      expect(story()).not.toContain('signed-out expired');
    });
  });
});

describe('an update() of another holder', () => {
  it('lets a refresh of the former tokens go on with the same reason', () => {
    const { store, updateElsewhere } = shared();
    const { session } = setUp({ store, refresh: () => NEVER });
    const api = apiOf(session, accepting('access-9'));
    record(api.get$);
    updateElsewhere(tokensOf(7));
    expect(session.state).toStrictEqual({
      status: 'refreshing',
      reason: 'unauthorized',
      tokens: tokensOf(7),
      generation: 2,
      owner: ADA,
    });
  });

  it('releases waiting requests at once, and the result of an older refresh does not replace its tokens', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, updateElsewhere, record: stored } = shared();
      const { session } = setUp({ store, refresh: () => after(50, tokensOf(9)) });
      const api = apiOf(session, accepting('access-2', 'access-9'));
      expectObservable(api.get$).toBe('10ms (a|)', { a: 'access-2' });
      at(10, () => {
        updateElsewhere(tokensOf(2));
      });
      expectObservable(api.get$, '20ms ^').toBe('20ms (a|)', { a: 'access-2' });
      flush();
      expect(session.state).toMatchObject({ status: 'signed-in', tokens: tokensOf(2), generation: 2 });
      expect(stored()).toMatchObject({ tokens: JSON.stringify(tokensOf(2)) });
    });
  });

  it('brings tokens that are refreshed next when they are rejected while an older refresh is failing', () => {
    marbles(({ expectObservable, flush }) => {
      const { store, updateElsewhere } = shared();
      let answers = 0;
      const { session, refresh, story } = setUp({
        store,
        refresh: () => ((answers += 1) === 1 ? late(50, answer(503)) : after(20, tokensOf(9))),
        refreshRetries: false,
      });
      const api = apiOf(session, accepting('access-9'));
      expectObservable(api.get$).toBe('70ms (a|)', { a: 'access-9' });
      at(10, () => {
        updateElsewhere(tokensOf(7));
      });
      // The request is sent with the newer tokens, rejected, and waits for the refresh of the former ones.
      expectObservable(api.get$, '20ms ^').toBe('70ms (a|)', { a: 'access-9' });
      flush();
      expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(1), tokensOf(7)]);
      expect(story()).not.toContain('refresh-failed unavailable');
    });
  });

  it('brings tokens that are refreshed when they are rejected, although the former ones were refreshed a moment ago', () => {
    const { store, updateElsewhere } = shared();
    const { session, refresh } = setUp({ store });
    record(session.refresh$);
    updateElsewhere(tokensOf(7));
    const api = apiOf(session, accepting('access-3'));
    expect(record(api.get$).expectOneOutcome()).toMatchObject({ values: ['access-3'] });
    expect(refresh.mock.calls.map(([current]) => current)).toEqual([tokensOf(1), tokensOf(7)]);
  });
});
