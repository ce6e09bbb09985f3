import { describe, expect, it } from 'vitest';
import { errorOf } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { adapters, appOn } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();

/** A path, and the body that it should give. */
const bodies: [path: string, body: unknown][] = [
  ['empty', null],
  ['empty-json', null],
  ['null', null],
  ['text', 'plain text'],
  ['status/204', null],
];

describe.each(adapters)('over %s', (adapter) => {
  it.each(bodies)('GET /%s emits %j', async (path, body) => {
    const { server } = use;
    const { api } = await appOn(server, adapter);

    expect(await record(api.get(`/api/${path}`)).outcome).toEqual({ kind: 'complete', values: [body] });
  });

  it.each(bodies)('GET /%s emits %j after a refresh as well', async (path, body) => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    expect(await record(api.get(`/api/${path}`)).outcome).toEqual({ kind: 'complete', values: [body] });
    expect((await server.sent(`/api/${path}`)).map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('broken JSON is an error that does not quote it', async () => {
    const { server } = use;
    const { api, refresh } = await appOn(server, adapter);

    const error = await errorOf(api.get('/api/bad-json'));

    expect(error).toMatchObject({ name: 'AxiosError', code: 'ERR_BAD_RESPONSE', response: { status: 200 } });
    expect(error.message).not.toContain('cut');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('HEAD gives null and its headers', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);

    expect(await record(api.head('/api/test-get', { observe: 'response' })).outcome).toMatchObject({
      kind: 'complete',
      values: [{ status: 200, data: null, headers: { 'content-type': 'application/json' } }],
    });
  });

  it.each(['blob', 'arraybuffer'] as const)(
    'a body with the responseType %s has that type, after a refresh as well',
    async (responseType) => {
      const { server } = use;
      const { api } = await appOn(server, adapter);
      await server.expireAccess();

      const { values } = await record(api.get<Blob | ArrayBuffer>('/api/text', { responseType })).outcome;

      expect(values[0]).toBeInstanceOf(responseType === 'blob' ? Blob : ArrayBuffer);
      expect(await new Response(values[0]).text()).toBe('plain text');
    },
  );
});
