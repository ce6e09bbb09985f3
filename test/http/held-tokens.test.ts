import axios, { type AxiosAdapter, AxiosHeaders, type AxiosInstance } from 'axios';
import { attachSession, createClient, createSession, type Session, type SessionOptions, type TokenSet } from 'sluice';
import { firstValueFrom, lastValueFrom, Subject } from 'rxjs';
import { expect, it } from 'vitest';
import { collectGarbage } from '../support/collect-garbage.ts';

/** An attached instance, and all token sets that its session has had. */
function app(options: Pick<SessionOptions, 'store'> = {}) {
  const held: WeakRef<TokenSet>[] = [];
  const made = (accessToken: string): TokenSet => {
    const tokens = { accessToken, refreshToken: 'r' };
    held.push(new WeakRef(tokens));
    return tokens;
  };
  const adapter: AxiosAdapter = async (config) => {
    const status = config.headers.get('Authorization') === 'Bearer first' ? 401 : 200;
    return { data: null, status, statusText: '', headers: new AxiosHeaders(), config };
  };
  const instance = axios.create({ baseURL: 'https://api.example.com', adapter });
  const session = createSession({ refresh: async () => made('second'), ...options });
  attachSession(instance, session);
  return { instance, session, made, held };
}

const requests = (instance: AxiosInstance): Promise<unknown> =>
  Promise.all([instance.get('/'), instance.get('/'), instance.get('/', { signal: new AbortController().signal })]);

type Ways = [string, (session: Session) => unknown][];
const leaving: Ways = [
  ['signing out', (session) => session.signOut()],
  ['signing in', (session) => session.signIn({ accessToken: 'other' })],
];

it.each(leaving)('after %s the old and new tokens of an awaited refresh can be garbage-collected', async (_, leave) => {
  const { instance, session, made, held } = app();
  await session.signIn(made('first'));
  await requests(instance);
  expect(session.state.tokens?.accessToken).toBe('second');
  await leave(session);
  await collectGarbage();
  expect(held.map((tokens) => tokens.deref())).toEqual([undefined, undefined]);
  expect(session.state.generation).toBeGreaterThan(1);
});

// dispose() leaves the tokens in the store.
it.each<Ways[number]>([
  ...leaving,
  [
    'disposing of the session',
    (session) => {
      session.dispose();
    },
  ],
])('after %s the tokens from the store that requests waited for can be garbage-collected', async (_, leave) => {
  const read = new Subject<TokenSet>();
  const reads = [firstValueFrom(read)];
  const { instance, session } = app({ store: { get: () => reads.pop() ?? null, set: () => undefined } });
  const held: WeakRef<TokenSet>[] = [];
  session.state$.subscribe(({ tokens }) => {
    if (tokens?.accessToken === 'restored') held.push(new WeakRef(tokens));
  });
  const waiting = requests(instance);
  read.next({ accessToken: 'restored' });
  await waiting;
  expect(held).toHaveLength(1);
  await leave(session);
  await collectGarbage();
  expect(held[0]?.deref()).toBeUndefined();
  expect(session.state.tokens?.accessToken).not.toBe('restored');
});

it.each<[string, (app: { instance: AxiosInstance; session: Session }) => Promise<unknown>]>([
  ['an attached instance', ({ instance }) => instance.get('/')],
  [
    'a client',
    ({ instance, session }) =>
      firstValueFrom(createClient({ axios: instance, session }).get('/', { observe: 'response' })),
  ],
])('after another sign-in a kept response of %s does not hold the former tokens in memory', async (_, get) => {
  const setup = app();
  await setup.session.signIn(setup.made('of ada'));
  const answer = await get(setup);
  await setup.session.signIn({ accessToken: 'other' });
  await collectGarbage();
  expect(setup.held.map((tokens) => tokens.deref())).toEqual([undefined]);
  expect(answer).toMatchObject({ status: 200 });
});

it('an app that keeps `state$` of a disposed session does not hold its tokens in memory', async () => {
  const { session, made, held } = app();
  const state$ = session.state$;
  await session.signIn(made('first'));
  const reading = state$.subscribe();
  session.dispose();
  await collectGarbage();
  expect(held.map((tokens) => tokens.deref())).toEqual([undefined]);
  expect(reading.closed).toBe(true);
  await expect(lastValueFrom(state$, { defaultValue: null })).resolves.toBeNull();
});
