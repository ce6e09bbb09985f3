import type { RequestEvent } from 'sluice';
import { describe, expect, it } from 'vitest';
import type { Echo } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { adapters, appOn } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();
const typesIn = (events: readonly RequestEvent<unknown>[]): string[] => events.map(({ type }) => type);

describe.each(adapters)('over %s', (adapter) => {
  it("observe gives the body for 'body', the response for 'response', and all events for 'events'", async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);

    const body = await record(api.get('/api/test-get')).outcome;
    const response = await record(api.get('/api/test-get', { observe: 'response' })).outcome;
    const events = record(api.get('/api/test-get', { observe: 'events' }));
    await events.outcome;

    const data = { message: 'It works', user: 'ada', generation: 1 };
    expect(body).toMatchObject({ kind: 'complete', values: [data] });
    expect(response).toMatchObject({ kind: 'complete', values: [{ status: 200, data }] });
    expect(events.values.at(0)).toEqual({ type: 'sent', attempt: 1 });
    expect(events.values.at(-1)).toMatchObject({ type: 'response', response: { status: 200, data } });
    expect(typesIn(events.values).filter((type) => type === 'response')).toHaveLength(1);
  });

  it('the response to a resend follows a second `sent` event; the 401 causes no event', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    const events = record(api.get('/api/test-get', { observe: 'events' }));
    await events.outcome;

    expect(events.values.filter(({ type }) => type === 'sent')).toEqual([
      { type: 'sent', attempt: 1 },
      { type: 'sent', attempt: 2 },
    ]);
    const responses = events.values.filter(({ type }) => type === 'response');
    expect(responses).toMatchObject([{ response: { status: 200 } }]);
  });

  it('download progress of a body of unknown length has no total', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);

    const events = record(api.get('/api/stream?chunks=3', { observe: 'events' }));
    await events.outcome;

    const progress = events.values.filter((event) => event.type === 'downloadProgress');
    expect(progress.at(-1)).toMatchObject({ loaded: 'chunk 1\nchunk 2\nchunk 3\n'.length });
    expect(progress.at(-1)).not.toHaveProperty('total');
  });

  it('progress of the response to a resend starts anew', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    const events = record(api.get('/api/test-get', { observe: 'events' }));
    const [last] = (await events.outcome).values.slice(-1);

    const length = Number(last?.type === 'response' && last.response.headers['content-length']);
    const resent = events.values.findIndex((event) => event.type === 'sent' && event.attempt === 2);
    const progress = events.values.slice(resent).filter((event) => event.type === 'downloadProgress');
    expect(progress.at(-1)).toMatchObject({ loaded: length, total: length });
  });

  it('no event is emitted after unsubscribing', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const held = await server.hold('/api/echo', 'after');
    const events = record(api.get('/api/echo', { observe: 'events' }));
    await held.waiting(1);

    events.unsubscribe();
    await server.closed('/api/echo');
    await held.release();
    await server.flush();

    expect(events.events).toEqual([{ kind: 'next', value: { type: 'sent', attempt: 1 } }]);
    events.expectOneOutcome();
  });

  it('the request’s own progress callbacks are called as well', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const loaded: number[] = [];

    const events = record(
      api.get('/api/test-get', { observe: 'events', onDownloadProgress: (event) => loaded.push(event.loaded) }),
    );
    await events.outcome;

    const told = events.values.filter((event) => event.type === 'downloadProgress').map((event) => event.loaded);
    expect(loaded).toEqual(told);
    expect(loaded.length).toBeGreaterThan(0);
  });
});

it.each(adapters)('the body is sent unchanged when events are observed, over %s', async (adapter) => {
  const { server } = use;
  const { api } = await appOn(server, adapter);
  await server.expireAccess();

  const events = record(api.post<Echo>('/api/echo', { a: 1 }, { observe: 'events' }));

  expect((await events.outcome).kind).toBe('complete');
  expect(events.values.at(-1)).toMatchObject({ type: 'response', response: { data: { text: '{"a":1}' } } });
});

it('upload progress counts up to the whole body, and starts anew for the resend', async () => {
  const { server } = use;
  const { api } = await appOn(server, 'xhr');
  await server.expireAccess();
  const size = 300_000;

  const events = record(api.post('/api/echo', 'x'.repeat(size), { observe: 'events' }));
  expect((await events.outcome).kind).toBe('complete');

  const resent = events.values.findIndex((event) => event.type === 'sent' && event.attempt === 2);
  for (const send of [events.values.slice(0, resent), events.values.slice(resent)]) {
    const progress = send.filter((event) => event.type === 'uploadProgress');
    expect(progress.at(-1)).toMatchObject({ loaded: size, total: size });
  }
});

it('download progress reaches the whole body before the response is emitted', async () => {
  const { server } = use;
  const { api } = await appOn(server, 'xhr');

  const events = record(api.post('/api/echo', 'x'.repeat(200_000), { observe: 'events' }));
  expect((await events.outcome).kind).toBe('complete');

  const progress = events.values.filter((event) => event.type === 'downloadProgress');
  const { loaded, total } = progress.at(-1)!;
  expect(loaded).toBeGreaterThan(200_000);
  expect(total).toBe(loaded);
  expect(progress.map((event) => event.loaded)).toEqual(progress.map((event) => event.loaded).sort((a, b) => a - b));
  expect(typesIn(events.values).at(-1)).toBe('response');
});
