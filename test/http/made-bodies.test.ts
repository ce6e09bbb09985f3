import { attachSession, createClient } from 'sluice';
import NodeForm from 'form-data';
import axios, { type InternalAxiosRequestConfig } from 'axios';
import { Readable } from 'node:stream';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, sessionOn, type AdapterName } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Post = (data?: unknown) => Promise<unknown>;
type Intercept = (config: InternalAxiosRequestConfig) => void;

/** Ways to send a POST to an echo: the two ways to give an instance a session, and ways without one. */
const ways: Record<string, (adapter: AdapterName, intercept?: Intercept) => Post> = {
  'a client with a session': (adapter, intercept) => {
    const api = createClient({ axios: instanceWith(adapter, intercept), session: sessionOn(auth.server).session });
    return (data) => firstValueFrom(api.post('/api/echo', data));
  },
  'a client without a session': (adapter, intercept) => {
    const api = createClient({ axios: instanceWith(adapter, intercept) });
    return (data) => firstValueFrom(api.post('/public/echo', data));
  },
  'an attached instance': (adapter, intercept) => {
    const instance = instanceWith(adapter, intercept);
    attachSession(instance, sessionOn(auth.server).session);
    return (data) => instance.post('/api/echo', data);
  },
};
const withSession = Object.entries(ways).filter(([way]) => way !== 'a client without a session');

function instanceWith(adapter: AdapterName, intercept?: Intercept): ReturnType<typeof axios.create> {
  const instance = axios.create({ baseURL: auth.server.url, adapter });
  if (intercept) {
    instance.interceptors.request.use((config) => {
      intercept(config);
      return config;
    });
  }
  return instance;
}

/** What the server received, without the boundary of a form. */
const received = (): (readonly [type: string | undefined, body: string])[] =>
  auth.server.requests
    .filter(({ path }) => path.endsWith('/echo'))
    .map(({ headers, body }) => {
      const type = headers['content-type'];
      const boundary = /boundary=(.+)$/.exec(type ?? '')?.[1] ?? 'none';
      return [type?.replace(boundary, '…'), body.toString('latin1').replaceAll(boundary, '…')] as const;
    });

const platformForm = (): FormData => {
  const form = new FormData();
  form.append('a', '1');
  return form;
};
const streamedForm = (): NodeForm => {
  const form = new NodeForm();
  form.append('a', '1');
  return form;
};

const urlencoded = 'application/x-www-form-urlencoded';
const multipart = [expect.stringMatching(/^multipart\/form-data; boundary=/), expect.stringContaining('name="a"')];
const made: [string, () => unknown, unknown][] = [
  ['an object', () => ({ a: 1 }), ['application/json', '{"a":1}']],
  ['text', () => 'text', [urlencoded, 'text']],
  ['search parameters', () => new URLSearchParams('a=1'), [`${urlencoded};charset=utf-8`, 'a=1']],
  ['a part of an array', () => Uint8Array.from([1, 65, 66, 2]).subarray(1, 3), [urlencoded, 'AB']],
  ['a Blob', () => new Blob(['x'], { type: 'image/png' }), ['image/png', 'x']],
  ['a form', platformForm, multipart],
  ['a form of form-data', streamedForm, multipart],
  ['nothing', () => undefined, [expect.toBeOneOf([urlencoded, undefined]), '']],
];

describe.each(adapters)('a body factory with the %s adapter', (adapter) => {
  describe.each(Object.entries(ways))('of %s', (_, start) => {
    it('may return another factory', async () => {
      await start(adapter)(() => () => ({ a: 1 }));
      expect(received()).toEqual([['application/json', '{"a":1}']]);
    });

    it('may return the same object each time, and none of its fields makes it a stream', async () => {
      const valve = { pipe: 'copper', getReader: 'badge', locked: true };
      const post = start(adapter);
      await post(valve);
      await post(() => valve);
      await post(() => valve);
      expect(received()).toEqual(Array(3).fill(['application/json', JSON.stringify(valve)]));
    });

    it('may be set by an interceptor on a request without a body', async () => {
      await start(adapter, (config) => {
        config.data = () => ({ a: 1 });
      })();
      expect(received()).toEqual([['application/json', '{"a":1}']]);
    });

    it.each([
      ['resolves', async () => ({ a: 1 })],
      ['rejects', () => Promise.reject(new Error('boom'))],
    ])('makes the request fail with an InvalidInputError when it returns a promise, which %s', async (_, make) => {
      await expect(start(adapter)(make)).rejects.toMatchObject({
        name: 'InvalidInputError',
        message: expect.stringContaining('not a promise'),
      });
      expect(received()).toEqual([]);
    });

    it.each(made)('makes a body that is sent as if it were given: %s', async (_, make, expected) => {
      await start(adapter)(make);
      expect(received()).toEqual([expected]);
    });

    it.each(made)(
      'sends what an interceptor sets as the body of a request without one as if the caller had given it: %s',
      async (_, make, expected) => {
        await start(adapter, (config) => {
          config.data = make();
        })();
        expect(received()).toEqual([expected]);
      },
    );
  });

  describe.each(withSession)('of %s', (_, start) => {
    it.each(made)(
      'is called again for the resend after a refresh, which gets an equal body: %s',
      async (_, make, expected) => {
        const post = start(adapter);
        auth.server.expireAccess();
        await post(make);
        expect(received()).toEqual([expected, expected]);
      },
    );

    it('does not override the content type of its caller', async () => {
      await start(adapter, ({ headers }) => void headers.set('Content-Type', 'text/csv'))(() => 'a;b');
      await start(adapter, ({ headers }) => void headers.set('Content-Type', false))(() => 'a;b');
      await start(adapter, ({ headers }) => void headers.set('Content-Type', ''))(() => 'a;b');
      const none = adapter === 'fetch' ? expect.stringMatching(/^text.plain/) : undefined;
      expect(received().map(([type]) => type)).toEqual(['text/csv', none, '']);
    });

    it('adds no content type for text that a DELETE sends; only the platform’s own fetch does', async () => {
      await start(adapter, (config) => void (config.method = 'delete'))(() => 'text');
      // The platform's own fetch sets a content type for text.
      expect(received()).toEqual([[adapter === 'fetch' ? 'text/plain;charset=UTF-8' : undefined, 'text']]);
    });

    it('may make a stream: the resend gets a new one with the same content', async () => {
      const post = start(adapter);
      auth.server.expireAccess();
      await post(() => Readable.from(['a', 'b']));
      expect(received().map(([, body]) => body)).toEqual(['ab', 'ab']);
    });

    it('is not needed for a form-data form that an interceptor sets: the resend has the same form', async () => {
      const post = start(adapter, (config) => {
        config.data = streamedForm();
      });
      auth.server.expireAccess();
      await post();
      expect(received()).toEqual([multipart, multipart]);
    });
  });
});

it('a body factory that signs somebody else in fails its request before `authorize` is called with their tokens', async () => {
  const authorize = vi.fn(() => ({}));
  const { session } = sessionOn(auth.server, { authorize });
  const api = createClient({ baseURL: auth.server.url, session });
  const post$ = api.post('/api/echo', () => {
    void session.signIn({ accessToken: 'other' });
    return {};
  });
  await expect(firstValueFrom(post$)).rejects.toMatchObject({ name: 'SessionChangedError' });
  expect(authorize).not.toHaveBeenCalled();
  expect(received()).toEqual([]);
});
