import { Readable } from 'node:stream';
import { attachSession, BodyUsedError } from 'sluice';
import { retry } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';
import { adapters, appOn, instanceOn } from './fixture.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/api/echo';

const nodeStream = (): Readable => Readable.from([Buffer.from('whole body')]);
const webStream = (): ReadableStream => new Blob(['whole body']).stream();
const bodies = (): string[] => auth.server.sent(path).map(({ body }) => String(body));
/** Axios sends web streams with its fetch adapter only. */
const cases = [
  ...adapters.map((adapter) => ['a Node stream', adapter, nodeStream] as const),
  ['a web stream', 'fetch', webStream] as const,
];

describe.each(cases)('%s as a body, with the %s adapter,', (_name, adapter, make) => {
  it('fails the second subscription with BodyUsedError instead of sending what is left', async () => {
    const { api } = appOn(auth.server, { adapter });
    const post$ = api.post(path, make());
    expect(await record(post$).outcome).toMatchObject({ kind: 'complete' });
    expect(await record(post$).outcome).toMatchObject({ kind: 'error', error: { name: 'BodyUsedError' } });
    expect(bodies()).toHaveLength(1);
  });

  it('fails a retry after status 503 with BodyUsedError', async () => {
    const { api } = appOn(auth.server, { adapter });
    auth.server.route(`POST ${path}`, () => ({ status: 503 }));
    expect(await record(api.post(path, make()).pipe(retry(1))).outcome).toMatchObject({
      error: { name: 'BodyUsedError' },
    });
    expect(bodies()).toHaveLength(1);
  });

  it('fails with BodyUsedError when an attached instance sends it again', async () => {
    const { session } = appOn(auth.server, { adapter });
    const instance = instanceOn(auth.server, adapter);
    attachSession(instance, session);
    const body = make();
    await instance.post(path, body);
    await expect(instance.post(path, body)).rejects.toThrow(BodyUsedError);
    expect(bodies()).toHaveLength(1);
  });
});

it.each(adapters)(
  'a Node stream that the app has read fails with BodyUsedError, with the %s adapter',
  async (adapter) => {
    const { api } = appOn(auth.server, { adapter });
    const body = nodeStream();
    for await (const chunk of body) expect(chunk).toBeDefined();
    expect(await record(api.post(path, body)).outcome).toMatchObject({ error: { name: 'BodyUsedError' } });
    expect(bodies()).toEqual([]);
  },
);
