import axios from 'axios';
import { attachSession } from 'sluice';
import { sessionFetch } from 'sluice/fetch';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { appOn, sessionOn } from './app.ts';
import { useServer } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();
const path = '/api/stream';
const endless = `${path}?chunks=endless`;

/** Reads to the end; returns the outcome. */
async function read(body: ReadableStream<Uint8Array>, begun: () => void): Promise<unknown> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done } = await reader.read();
      if (done) return 'the end';
      begun();
    }
  } catch (error) {
    return error;
  }
}

/** Starts reading, and continues in the background. */
async function begin(body: ReadableStream<Uint8Array>): Promise<{ readonly ended: Promise<unknown> }> {
  let ended: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve) => {
    ended = read(body, resolve);
  });
  return { ended };
}

describe('the body of a streamed response over fetch', () => {
  const app = async () => {
    const { server } = use;
    const { api, session } = await appOn(server, 'fetch');
    return {
      server,
      session,
      stream: (signal?: AbortSignal) =>
        api.get<ReadableStream<Uint8Array>>(endless, { responseType: 'stream', ...(signal && { signal }) }),
    };
  };

  it('ends when the subscriber unsubscribes while it is read', async () => {
    const { server, stream } = await app();
    let ended: Promise<unknown> | undefined;
    const subscription = await new Promise<{ unsubscribe(): void }>((resolve) => {
      const made = stream().subscribe((body) => {
        ended = read(body, () => {
          resolve(made);
        });
      });
    });
    subscription.unsubscribe();
    await server.closed(path);
    expect(await ended).toMatchObject({ name: 'CanceledError' });
  });

  it("ends with the caller's signal", async () => {
    const { server, stream } = await app();
    const controller = new AbortController();
    const { ended } = await begin(await firstValueFrom(stream(controller.signal)));
    controller.abort();
    await server.closed(path);
    expect(await ended).toMatchObject({ name: 'CanceledError' });
  });

  it('ends when its owner signs out', async () => {
    const { server, session, stream } = await app();
    const { ended } = await begin(await firstValueFrom(stream()));
    void session.signOut();
    await server.closed(path);
    expect(await ended).toMatchObject({ name: 'SessionChangedError' });
  });

  it('ends for an attached instance when its owner signs out', async () => {
    const { server } = use;
    const { session } = await sessionOn(server);
    const instance = axios.create({ baseURL: server.url, adapter: 'fetch', responseType: 'stream' });
    attachSession(instance, session);
    const { data } = await instance.get<ReadableStream<Uint8Array>>(endless);
    const { ended } = await begin(data);
    void session.signOut();
    await server.closed(path);
    expect(await ended).toMatchObject({ name: 'SessionChangedError' });
  });

  it('ends for sessionFetch when its owner signs out', async () => {
    const { server } = use;
    const { session } = await sessionOn(server);
    const { body } = await sessionFetch(session, { trustedOrigins: [server.url] })(server.url + endless);
    const { ended } = await begin(body as ReadableStream<Uint8Array>);
    void session.signOut();
    await server.closed(path);
    // Chromium tells the reader of a body that it was aborted, but not why.
    expect(['AbortError', 'SessionChangedError']).toContain(((await ended) as Error).name);
  });
});
