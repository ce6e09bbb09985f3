import { attachSession, createClient } from 'sluice';
import axios from 'axios';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, instanceOn, sessionOn, type AdapterName } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();

type Post = (body: unknown, headers?: Record<string, string>) => Promise<unknown>;

/** The two ways to give an instance a session. */
const ways: Record<'attached' | 'client', (adapter: AdapterName) => Post> = {
  attached: (adapter) => {
    const instance = instanceOn(auth.server, adapter);
    attachSession(instance, sessionOn(auth.server).session);
    return (body, headers = {}) => instance.post('/public/echo', body, { headers });
  },
  client: (adapter) => {
    const api = createClient({ axios: instanceOn(auth.server, adapter), session: sessionOn(auth.server).session });
    return (body, headers = {}) => firstValueFrom(api.post('/public/echo', body, { headers }));
  },
};
const types = (): (string | undefined)[] =>
  auth.server.sent('/public/echo').map(({ headers }) => headers['content-type']);

const bytes = Uint8Array.from([1, 2, 3]);
const form = (): FormData => {
  const data = new FormData();
  data.append('name', 'Ada');
  return data;
};

describe.each(adapters)('the content type of a body, with the %s adapter,', (adapter) => {
  describe.each(['attached', 'client'] as const)('(instance: %s)', (way) => {
    it.each([
      ['text', 'text'],
      ['an object', { a: 1 }],
      ['URLSearchParams', new URLSearchParams('a=1')],
      ['bytes', bytes],
      ['a Buffer', Buffer.from(bytes)],
      ['a Blob without a type', new Blob([bytes])],
      ['nothing', undefined],
    ])('is the same as with axios: %s', async (_, body) => {
      await ways[way](adapter)(body);
      await axios.post(`${auth.server.url}/public/echo`, body, { adapter });
      const [own, raw] = types();
      expect(own).toBe(raw);
    });

    it('of a Blob is that of the Blob', async () => {
      await ways[way](adapter)(new Blob([bytes], { type: 'application/x-own' }));
      expect(types()).toEqual(['application/x-own']);
    });

    it('of a form is multipart/form-data', async () => {
      await ways[way](adapter)(form());
      expect(types()).toEqual([expect.stringMatching(/^multipart\/form-data; ?boundary=/)]);
    });

    it('of a form keeps the caller’s boundary', async () => {
      const boundary = 'mine-mine-mine';
      await ways[way](adapter)(form(), { 'Content-Type': `multipart/form-data; boundary=${boundary}` });
      expect(types()).toEqual([expect.stringContaining(boundary)]);
      expect(auth.server.requests[0]?.body.toString()).toContain(`--${boundary}--`);
    });
  });
});

// With Node's adapter, axios itself prefers the type of the Blob.
it.each(['attached', 'client'] as const)(
  'the fetch adapter keeps the content type that the caller gives for a Blob (instance: %s)',
  async (way) => {
    await ways[way]('fetch')(new Blob([bytes], { type: 'application/x-own' }), {
      'Content-Type': 'application/x-caller',
    });
    expect(types()).toEqual(['application/x-caller']);
  },
);
