import { lastValueFrom, map, take, toArray, type Observable } from 'rxjs';
import { createClient, createSession, memoryStore, type TokenSet } from 'sluice';
import { eventStream, lines, text } from 'sluice/streams';

/** What a test can ask of a page with live streams. Everything that goes to and fro is JSON. */
export interface StreamPage {
  signIn(user: string): Promise<void>;
  /** Subscribes, takes so many elements, and unsubscribes: events as `[data, lastEventId]`, lines, or pieces of text. */
  take(kind: 'eventStream' | 'lines' | 'text', path: string, count: number): Promise<unknown[]>;
}

declare global {
  var streams: StreamPage;
}

async function post(path: string, body: object): Promise<TokenSet> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const { jwtToken, refreshToken } = (await response.json()) as { jwtToken: string; refreshToken: string };
  return { accessToken: jwtToken, refreshToken };
}

const session = createSession({
  store: memoryStore(),
  refresh: (tokens) => post('/api/refresh-token', { refreshToken: tokens?.refreshToken }),
});
const api = createClient({ baseURL: location.origin, session });

globalThis.streams = {
  signIn: async (user) => session.signIn(await post('/api/login', { user })),
  take: (kind, path, count) => {
    const elements$: Record<typeof kind, Observable<unknown>> = {
      eventStream: eventStream(api, path).pipe(map(({ data, lastEventId }) => [data, lastEventId])),
      lines: lines(api, path),
      text: text(api, path),
    };
    return lastValueFrom(elements$[kind].pipe(take(count), toArray()));
  },
};
