import { attachSession, InvalidInputError } from 'sluice';
import { trackEvents } from 'sluice/devtools';
import axios from 'axios';
import { afterEach, beforeEach, expect, it, vi, type Mock } from 'vitest';
import { record } from '../support/recorder.ts';
import { useFakeTime } from '../support/fake-time.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { slowApp, traceKey } from './fixture.ts';

failOnUnhandled();
useFakeTime();
let timeStamp: Mock;
beforeEach(() => {
  timeStamp = vi.fn();
  vi.stubGlobal('console', { ...console, timeStamp });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** The entries: track, label without the number of the request, colour, and start and end since `origin`. */
const entries = (origin: number): unknown[] =>
  timeStamp.mock.calls.map(([label, start, end, track, group, color]: unknown[]) => [
    `${String(group)}/${String(track)}`,
    String(label).replace(/^#\d+ /, ''),
    color,
    Number(start) - origin,
    Number(end) - origin,
  ]);

it('trackEvents() draws a track of the session and one of its requests', async () => {
  const { api, session, refresh$ } = slowApp();
  const origin = performance.now();
  const tracking = trackEvents(session, api);
  const request = record(api.get('/a?secret=1'));
  await vi.advanceTimersByTimeAsync(50);
  refresh$.next({ accessToken: 'fresh' });
  await vi.advanceTimersByTimeAsync(20);
  expect(request.settled?.kind).toBe('complete');
  void session.signOut();
  tracking.unsubscribe();
  expect(entries(origin)).toEqual([
    ['Sluice/Session', 'restored', 'secondary', 0, 0],
    ['Sluice/Requests', 'GET /a 401', 'error', 0, 20],
    ['Sluice/Session', 'refresh (unauthorized), 1 waiting', 'tertiary', 20, 50],
    ['Sluice/Requests', 'GET /a held', 'secondary', 20, 50],
    ['Sluice/Requests', 'GET /a 200 (send 2)', 'primary', 50, 70],
    ['Sluice/Session', 'signed-out', 'secondary', 70, 70],
  ]);
});

it('trackEvents() draws what was cancelled and what has failed', async () => {
  const { session, api, refresh$ } = slowApp();
  const origin = performance.now();
  const tracking = trackEvents(session, api);
  const flying = record(api.get('/flying'));
  await vi.advanceTimersByTimeAsync(10);
  flying.unsubscribe();
  const waiting = record(api.get('/waiting'));
  await vi.advanceTimersByTimeAsync(40);
  waiting.unsubscribe();
  refresh$.error(Object.assign(new Error('no'), { status: 503 }));
  await vi.advanceTimersByTimeAsync(0);
  tracking.unsubscribe();
  expect(entries(origin).slice(1)).toEqual([
    ['Sluice/Requests', 'GET /flying cancelled', 'primary', 0, 10],
    ['Sluice/Requests', 'GET /waiting 401', 'error', 10, 30],
    ['Sluice/Requests', 'GET /waiting held', 'secondary', 30, 50],
  ]);
  session.dispose();
});

it('trackEvents() draws a refresh that has failed', async () => {
  const { session, refresh$ } = slowApp();
  const tracking = trackEvents(session);
  const origin = performance.now();
  const refreshing = record(session.refresh$);
  await vi.advanceTimersByTimeAsync(5);
  refresh$.error(new Error('no'));
  expect((await refreshing.outcome).kind).toBe('error');
  expect(entries(origin).at(-1)).toEqual(['Sluice/Session', 'refresh (requested) failed: unavailable', 'error', 0, 5]);
  tracking.unsubscribe();
});

it('trackEvents() draws the requests of an attached instance, and leaves nothing behind', async () => {
  const { session, adapter } = slowApp();
  const instance = axios.create({ baseURL: 'https://api.example.com', adapter });
  attachSession(instance, session);
  const tracking = trackEvents(session, instance);
  const origin = performance.now();
  const failed = instance.get('/a', { session: false } as object).catch(() => undefined);
  await vi.advanceTimersByTimeAsync(20);
  await failed;
  expect(entries(origin).at(-1)).toEqual(['Sluice/Requests', 'GET /a 401', 'error', 0, 20]);
  tracking.unsubscribe();
  expect(Reflect.ownKeys(instance)).not.toContain(traceKey);
});

it('trackEvents() has no effect where the console has no timeStamp', async () => {
  vi.stubGlobal('console', {});
  const { session, api } = slowApp();
  const tracking = trackEvents(session, api);
  const request = record(api.get('/a', { session: false }));
  await vi.advanceTimersByTimeAsync(20);
  expect(request.settled?.kind).toBe('error');
  tracking.unsubscribe();
});

it('trackEvents() refuses wrong arguments at the call', () => {
  expect(() => trackEvents({} as never)).toThrow(InvalidInputError);
  expect(() => trackEvents(slowApp().session, {} as never)).toThrow(InvalidInputError);
});
