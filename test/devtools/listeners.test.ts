import { createClient } from 'sluice';
import { traceRequests, type TraceEvent } from 'sluice/devtools';
import axios, { type AxiosAdapter } from 'axios';
import { config, firstValueFrom, take, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { record } from '../support/recorder.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { traced, traceKey } from './fixture.ts';

failOnUnhandled();
afterEach(() => {
  config.onUnhandledError = null;
});

/** A client of an instance whose adapter notes which code called it. */
function noting() {
  const stacks: string[] = [];
  Error.stackTraceLimit = 50;
  const adapter: AxiosAdapter = async (request) => {
    stacks.push(new Error().stack ?? '');
    return { status: 200, statusText: '', headers: {}, data: 'body', config: request };
  };
  const instance = axios.create({ baseURL: 'https://api.example.com', adapter });
  return { instance, api: createClient({ axios: instance }), stacks };
}

describe('without a listener,', () => {
  it('a request runs no code of sluice/devtools, neither before the first listener comes nor after the last one has left', async () => {
    const { instance, api, stacks } = noting();
    await firstValueFrom(api.get('/a'));
    const one = traceRequests(api).subscribe();
    const two = traceRequests(api).subscribe();
    await firstValueFrom(api.get('/a'));
    one.unsubscribe();
    await firstValueFrom(api.get('/a'));
    two.unsubscribe();
    await firstValueFrom(api.get('/a'));
    expect(stacks.map((stack) => stack.includes('src/devtools'))).toEqual([false, true, true, false]);
    expect(Reflect.ownKeys(instance)).not.toContain(traceKey);
  });

  it('traceRequests() changes nothing before it is subscribed to', () => {
    const { instance, api } = noting();
    void traceRequests(api);
    expect(Reflect.ownKeys(instance)).not.toContain(traceKey);
  });

  it('an instance keeps nothing of a listener that has taken a single event', async () => {
    const { instance, api } = noting();
    const first = firstValueFrom(traceRequests(api));
    await firstValueFrom(api.get('/a'));
    expect((await first).type).toBe('sent');
    expect(Reflect.ownKeys(instance)).not.toContain(traceKey);
  });
});

describe('a listener of a trace', () => {
  it('that throws disturbs neither the request nor the other listeners', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const { api } = noting();
    const broken = traceRequests(api).subscribe(() => {
      throw new Error('broken');
    });
    const events = traced(api);
    expect(await firstValueFrom(api.get('/a'))).toBe('body');
    expect(events.map(({ type }) => type)).toEqual(['sent', 'answered', 'completed']);
    await expect.poll(() => reported.length).toBe(3);
    broken.unsubscribe();
  });

  it('gets an event that another listener causes after the event that caused it', async () => {
    const { api } = noting();
    const request = record(api.get('/a'));
    const first = traceRequests(api).subscribe(({ type }) => {
      if (type === 'sent') request.unsubscribe();
    });
    const events = traced(api);
    await expect.poll(() => events.map(({ type }) => type)).toEqual(['sent', 'cancelled']);
    first.unsubscribe();
  });

  it('may unsubscribe while it is called', async () => {
    const { api, instance } = noting();
    const events: TraceEvent[] = await Promise.all([
      firstValueFrom(traceRequests(api).pipe(take(2), toArray())),
      firstValueFrom(api.get('/a')),
    ]).then(([heard]) => heard);
    expect(events.map(({ type }) => type)).toEqual(['sent', 'answered']);
    expect(Reflect.ownKeys(instance)).not.toContain(traceKey);
  });

  it('in another copy of the package gets the same events', async () => {
    const { api } = noting();
    const own = traced(api);
    vi.resetModules();
    const other = await import('sluice/devtools');
    expect(other.traceRequests).not.toBe(traceRequests);
    const heard: TraceEvent[] = [];
    const subscription = other.traceRequests(api).subscribe((event) => heard.push(event));
    await firstValueFrom(api.get('/a'));
    expect(heard).toEqual(own);
    expect(own).toHaveLength(3);
    subscription.unsubscribe();
  });
});

describe('the origin and the path of a request in its trace', () => {
  const places = async (url: string, baseURL?: string): Promise<string[]> => {
    const adapter: AxiosAdapter = async (request) => ({
      status: 200,
      statusText: '',
      headers: {},
      data: '',
      config: request,
    });
    const api = createClient({ adapter, ...(baseURL !== undefined && { baseURL }) });
    const events = traced(api);
    await firstValueFrom(api.get(url));
    return Array.from(new Set(events.map(({ origin, path }) => `${origin} ${path}`)));
  };

  it.each([
    ['https://user:password@api.example.com:8443/a?query=1#hash', undefined, 'https://api.example.com:8443 /a'],
    ['/a?query=1', 'https://api.example.com/base/?query=2', 'https://api.example.com /base/'],
    ['a/b#hash', 'https://api.example.com/base', 'https://api.example.com /base/a/b'],
    ['data:text/plain,secret', undefined, ' data:'],
  ])('of %s with the base URL %s have neither query, hash, user nor data', async (url, baseURL, place) => {
    expect(await places(url, baseURL)).toEqual([place]);
  });

  it('are found without calling a serializer of the app', async () => {
    const paramsSerializer = vi.fn(() => {
      throw new Error('called');
    });
    const { api } = noting();
    const events = traced(api);
    await firstValueFrom(api.get('/a', { params: { a: 1 }, paramsSerializer }));
    expect(events).toHaveLength(3);
    expect(paramsSerializer).not.toHaveBeenCalled();
  });
});

describe('the error in a trace', () => {
  const errorOf = async (thrown: unknown): Promise<string | undefined> => {
    const api = createClient({ baseURL: 'https://api.example.com', adapter: () => Promise.reject(thrown) });
    const events = traced(api);
    await record(api.get('/a')).outcome;
    return events.flatMap((event) => (event.type === 'failed' ? event.error : [])).at(-1);
  };
  const hostile = new Proxy(new Error(), {
    get: () => {
      throw new Error('read');
    },
  });

  it.each([
    ['a code', Object.assign(new Error(), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['a name', new TypeError('quotes a secret'), 'TypeError'],
    ['a code that is a sentence', Object.assign(new Error(), { code: 'token abc' }), 'Error'],
    ['no object', 'a secret', 'Error'],
    ['nothing', undefined, 'Error'],
    ['a property that throws', hostile, 'Error'],
  ])('is a code or a name for %s', async (_, thrown, expected) => {
    expect(await errorOf(thrown)).toBe(expected);
  });
});
