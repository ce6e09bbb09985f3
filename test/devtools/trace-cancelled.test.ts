import { attachSession, createClient, createSession, memoryStore, type Client, type Session } from 'sluice';
import { traceRequests, type TraceEvent } from 'sluice/devtools';
import { text } from 'sluice/streams';
import axios, { AxiosError, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom, Subject, take } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { record, type Recording } from '../support/recorder.ts';
import { adapters, appOn } from '../http/fixture.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { useFakeTime } from '../support/fake-time.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { stepOf, traced } from './fixture.ts';
import { waitFor } from '../support/wait-for.ts';

failOnUnhandled();

interface Scene {
  readonly api: Client;
  readonly session: Session;
  /** The sends, which wait for `answer` or `refuse`. They ignore their signals. */
  readonly sends: readonly Send[];
  /** Ends the refresh. */
  readonly refresh$: Subject<{ accessToken: string }>;
}
interface Send {
  readonly config: InternalAxiosRequestConfig;
  answer(status?: number): void;
}

/** A client whose sends and refresh a test settles by hand. */
function scene(): Scene {
  const sends: Send[] = [];
  const refresh$ = new Subject<{ accessToken: string }>();
  const adapter: AxiosAdapter = (config) =>
    new Promise((resolve, reject) => {
      const answer = (status = 200): void => {
        const response: AxiosResponse = { status, statusText: '', headers: {}, data: 'body', config };
        if (status < 400) resolve(response);
        else reject(new AxiosError('', AxiosError.ERR_BAD_REQUEST, config, null, response));
      };
      sends.push({ config, answer });
    });
  const session = createSession({
    store: memoryStore({ accessToken: 'dead', refreshToken: 'r' }),
    refresh: () => refresh$.pipe(take(1)),
  });
  const api = createClient({ baseURL: 'https://api.example.com', session, adapter });
  return { api, session, sends, refresh$ };
}
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);
/** Sends a request and answers it with 401, so that it waits for the refresh. */
async function heldRequest(api: Client, sends: readonly Send[]): Promise<Recording<unknown>> {
  const request = record(api.get('/a'));
  await settle();
  sends[0]?.answer(401);
  await settle();
  return request;
}

describe('the trace of a request that is cancelled', () => {
  useFakeTime();

  it('ends when it is unsubscribed in flight, though its adapter never settles', async () => {
    const { api, sends } = scene();
    const events = traced(api);
    const request = record(api.get('/a'));
    await vi.advanceTimersByTimeAsync(300);
    expect(sends).toHaveLength(1);
    request.unsubscribe();
    expect(events.map(stepOf)).toEqual(['GET /a sent (1)', 'GET /a cancelled (1)']);
    expect(events.at(-1)).toMatchObject({ durationMs: 300, heldMs: 0 });
  });

  it('has nothing after its end when the adapter settles later', async () => {
    const { api, sends } = scene();
    const events = traced(api);
    const request = record(api.get('/a'));
    await settle();
    request.unsubscribe();
    sends[0]?.answer();
    await settle();
    expect(events.map(({ type }) => type)).toEqual(['sent', 'cancelled']);
  });

  it('ends when it is unsubscribed while it is held, and says how long it was held', async () => {
    const { api, sends, refresh$ } = scene();
    const events = traced(api);
    const request = record(api.get('/a'));
    await vi.advanceTimersByTimeAsync(100);
    sends[0]?.answer(401);
    await vi.advanceTimersByTimeAsync(200);
    request.unsubscribe();
    expect(events.map(({ type }) => type)).toEqual(['sent', 'answered', 'held', 'cancelled']);
    expect(events[1]).toMatchObject({ status: 401, durationMs: 100 });
    expect(events[3]).toMatchObject({ durationMs: 300, heldMs: 200, attempt: 1 });
    refresh$.next({ accessToken: 'fresh' });
    await settle();
    expect(sends).toHaveLength(1);
    expect(events).toHaveLength(4);
  });

  it('ends when it is unsubscribed during its resend', async () => {
    const { api, sends, refresh$ } = scene();
    const events = traced(api);
    const request = record(api.get('/a'));
    await settle();
    sends[0]?.answer(401);
    await vi.advanceTimersByTimeAsync(50);
    refresh$.next({ accessToken: 'fresh' });
    await vi.advanceTimersByTimeAsync(20);
    request.unsubscribe();
    expect(events.slice(3)).toMatchObject([
      { type: 'resent', attempt: 2 },
      { type: 'cancelled', attempt: 2, durationMs: 70, heldMs: 50 },
    ]);
  });

  it('ends as cancelled when its signal aborts, and as failed when the reason is a timeout', async () => {
    const { api } = scene();
    const events = traced(api);
    const controller = new AbortController();
    const cancelled = record(api.get('/cancelled', { signal: controller.signal }));
    const late = new AbortController();
    const timedOut = record(api.get('/timed-out', { signal: late.signal }));
    await settle();
    controller.abort();
    late.abort(new DOMException('too late', 'TimeoutError'));
    await Promise.all([cancelled.outcome, timedOut.outcome]);
    expect(events.slice(2).map(stepOf)).toEqual([
      'GET /cancelled cancelled (1)',
      'GET /timed-out failed ETIMEDOUT (1)',
    ]);
  });

  it('ends as cancelled by a cancel token of axios', async () => {
    const { session } = scene();
    const instance = axios.create({ baseURL: 'https://api.example.com', adapter: (config) => cancellable(config) });
    attachSession(instance, session);
    const events = traced(instance);
    const source = axios.CancelToken.source();
    const request = instance.get('/a', { cancelToken: source.token });
    request.catch(() => undefined);
    await settle();
    source.cancel();
    await settle();
    expect(events.map(({ type }) => type)).toEqual(['sent', 'cancelled']);
  });

  it('has no `resent` for a request that failed because its owner signed out', async () => {
    const { api, session, sends } = scene();
    const events = traced(api);
    const request = await heldRequest(api, sends);
    void session.signOut();
    await request.outcome;
    expect(events.slice(2).map(stepOf)).toEqual(['GET /a held (1)', 'GET /a failed session-changed (1)']);
  });

  it('ends as failed when the session is disposed of, after which requests without the session are still traced', async () => {
    const { api, session, sends } = scene();
    const events = traced(api);
    const request = await heldRequest(api, sends);
    session.dispose();
    await request.outcome;
    const later = record(api.get('/b', { session: false }));
    await settle();
    sends[1]?.answer();
    await later.outcome;
    expect(events.slice(3).map(stepOf)).toEqual([
      'GET /a failed session-changed (1)',
      'GET /b sent (1)',
      'GET /b answered 200 (1)',
      'GET /b completed 200 (1)',
    ]);
  });

  it('counts no time twice when it is held several times', async () => {
    const { api, sends, refresh$ } = scene();
    const events = traced(api);
    const first = record(api.get('/a'));
    await settle();
    sends[0]?.answer(401);
    await settle();
    const second = record(api.get('/b'));
    await vi.advanceTimersByTimeAsync(400);
    refresh$.next({ accessToken: 'fresh' });
    await settle();
    sends[1]?.answer();
    sends[2]?.answer();
    await Promise.all([first.outcome, second.outcome]);
    const ends = events.filter((event) => event.type === 'completed');
    expect(ends).toMatchObject([
      { path: '/a', durationMs: 400, heldMs: 400 },
      { path: '/b', durationMs: 400, heldMs: 400 },
    ]);
  });
});

describe('a listener of the trace', () => {
  useFakeTime();

  it.each(['sent', 'held'] as const)('may unsubscribe the request at its event `%s`', async (type) => {
    const { api, sends } = scene();
    const events: TraceEvent[] = [];
    const request = record(api.get('/a'));
    const listening = traceRequests(api).subscribe((event) => {
      events.push(event);
      if (event.type === type) request.unsubscribe();
    });
    await settle();
    sends[0]?.answer(401);
    await settle();
    expect(sends).toHaveLength(type === 'sent' ? 0 : 1);
    expect(events.at(-1)?.type).toBe('cancelled');
    expect(events.filter((event) => event.type === 'cancelled')).toHaveLength(1);
    listening.unsubscribe();
  });

  it('may sign out at `held`: the trace of the request ends once', async () => {
    const { api, session, sends } = scene();
    const listening = traceRequests(api).subscribe(({ type }) => {
      if (type === 'held') void session.signOut();
    });
    const request = record(api.get('/a'));
    await settle();
    sends[0]?.answer(401);
    expect(await request.outcome).toMatchObject({ error: { name: 'SessionChangedError' } });
    expect(sends).toHaveLength(1);
    listening.unsubscribe();
  });
});

function cancellable(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  return new Promise((_, reject) => void config.cancelToken?.promise.then(reject));
}

describe('the trace of a streamed request', () => {
  const auth = useAuthServer();

  it.each(adapters)('is cancelled when it is unsubscribed while its body is read, over %s', async (adapter) => {
    const { api } = appOn(auth.server, { adapter });
    const events = traced(api);
    await firstValueFrom(text(api, '/api/stream?chunks=endless'));
    await auth.server.closed('/api/stream*');
    expect(events.map(({ type }) => type)).toEqual(['sent', 'answered', 'cancelled']);
  });

  it.each(adapters)('ends when another person signs in, which ends its body, over %s', async (adapter) => {
    const { api, session } = appOn(auth.server, { adapter });
    const events = traced(api);
    const body = record(text(api, '/api/stream?chunks=endless'));
    await waitFor(() => {
      expect(body.values.length).toBeGreaterThan(0);
    });
    void session.signIn(auth.server.login('bob'));
    expect(await body.outcome).toMatchObject({ error: { name: 'SessionChangedError' } });
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['sent', 'answered']);
    expect(events).toHaveLength(3);
  });
});
