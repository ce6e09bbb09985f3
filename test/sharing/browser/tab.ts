import { webStore } from 'sluice/browser';
import { sessionFetch } from 'sluice/fetch';
import { createSession, isSluiceError, type TokenSet } from 'sluice/session';

/** What a test can ask of a page. Everything that goes to and fro is JSON. */
export interface TabApi {
  /** Sends so many requests at the same time, and tells of each `200`, or the code and the reason of its error. */
  request(count: number): Promise<string[]>;
  signIn(user: string): Promise<void>;
  signOut(): Promise<void>;
  /** Restores a cookie session. */
  restore(): Promise<void>;
  state(): TabState;
  /** All records in IndexedDB. */
  records(): Promise<unknown[]>;
  /** The types of the session's events, and the messages of `store-failed`. */
  events(): string[];
  /** Stops `refresh` before it sends anything; tells how often it was called, when it is let go on. */
  holdRefresh(): void;
  letRefresh(): void;
  isRefreshHeld(): boolean;
  /** Whether each `pageshow` came from the back/forward cache. */
  pageshows(): boolean[];
  /** Sends a request at each further `pageshow`, before any other listener of that event runs. */
  requestAtPageshow(): void;
  /** What these requests ended with. */
  atPageshow(): Promise<string[]>;
}

export interface TabState {
  readonly status: string;
  readonly owner: string | null;
  readonly accessToken: string | null;
}

declare global {
  var tab: TabApi;
}

type Answer = { readonly jwtToken: string; readonly refreshToken?: string };

const query = new URLSearchParams(location.search);
/** The access token is a cookie too, which the page sets in the server's stead. The record has a marker in its place. */
const isMarkerSession = query.has('marker');
const isCookieSession = isMarkerSession || query.has('cookie');
const base = query.get('base') ?? location.origin;
const times = Object.fromEntries(
  ['refreshTimeoutMs', 'storeTimeoutMs'].flatMap((name) => (query.has(name) ? [[name, Number(query.get(name))]] : [])),
);
let gate: Promise<void> | undefined;
let openGate = (): void => undefined;
let isHeld = false;

async function post(path: string, body: object, signal?: AbortSignal): Promise<TokenSet> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(base + path, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  const data = (await answer.json()) as Answer;
  if (!answer.ok) throw Object.assign(new Error(String(answer.status)), { status: answer.status, data });
  const { jwtToken: accessToken, refreshToken } = data;
  if (isMarkerSession) {
    document.cookie = `access=${accessToken}; path=/; SameSite=Lax`;
    return { accessToken: crypto.randomUUID() };
  }
  return { accessToken, refreshToken };
}

const session = createSession({
  store: webStore({ key: query.get('key') ?? 'sharing', leaseMs: Number(query.get('leaseMs') ?? 2_000) }),
  minRefreshIntervalMs: 0,
  ...times,
  ...(isCookieSession && { canRefresh: () => true }),
  ...(isMarkerSession && { authorize: () => ({}) }),
  refresh: async (tokens, { signal }) => {
    if (gate) {
      isHeld = true;
      await gate;
      isHeld = false;
    }
    return isCookieSession
      ? post('/api/cookie-refresh', {}, signal)
      : post('/api/refresh-token', { refreshToken: tokens?.refreshToken }, signal);
  },
});
const send = sessionFetch(session, { trustedOrigins: [base] });
const events: string[] = [];
session.events$.subscribe((event) => {
  events.push(event.type === 'store-failed' ? `store-failed ${event.operation} ${event.message}` : event.type);
});
const pageshows: boolean[] = [];
addEventListener('pageshow', ({ persisted }) => pageshows.push(persisted));
const atPageshow: Promise<string>[] = [];

const requestOnce = async (): Promise<string> => {
  try {
    return String((await send(`${base}/api/test-get`)).status);
  } catch (error) {
    if (!isSluiceError(error)) return String(error);
    return 'reason' in error ? `${error.code} ${error.reason}` : error.code;
  }
};

globalThis.tab = {
  request: (count) => Promise.all(Array.from({ length: count }, requestOnce)),
  signIn: async (user) => session.signIn(await post(isCookieSession ? '/api/cookie-login' : '/api/login', { user })),
  signOut: () => session.signOut(),
  restore: () =>
    new Promise((resolve) => {
      session.refresh$.subscribe({ complete: resolve, error: () => resolve() });
    }),
  state: () => {
    const { status, owner, tokens } = session.state;
    return { status, owner, accessToken: tokens?.accessToken ?? null };
  },
  records: () =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open('sluice');
      opening.onerror = () => reject(opening.error ?? new Error('no error'));
      opening.onsuccess = () => {
        const getting = opening.result.transaction('records').objectStore('records').getAll();
        getting.onsuccess = () => resolve(getting.result);
        opening.result.close();
      };
    }),
  events: () => events,
  holdRefresh: () => {
    gate = new Promise((resolve) => {
      openGate = resolve;
    });
  },
  letRefresh: () => {
    gate = undefined;
    openGate();
  },
  isRefreshHeld: () => isHeld,
  pageshows: () => pageshows,
  // Listeners of the capture phase are called first.
  requestAtPageshow: () => addEventListener('pageshow', () => atPageshow.push(requestOnce()), true),
  atPageshow: () => Promise.all(atPageshow),
};
