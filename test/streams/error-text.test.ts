import { inspect } from 'node:util';
import type { AxiosError } from 'axios';
import { createClient } from 'sluice';
import { eventStream, lines, text } from 'sluice/streams';
import { describe, expect, it } from 'vitest';
import { adapters, appOn, errorOf, flush, instanceOn, sessionOn } from '../http/fixture.ts';
import { expectNoToken } from '../support/no-token.ts';
import { record } from '../support/recorder.ts';
import { useAuthServer } from '../support/use-auth-server.ts';
import { failOnUnhandled } from '../support/watch-unhandled.ts';

failOnUnhandled();
const auth = useAuthServer();
const path = '/api/stream';
const kinds = { eventStream, lines, text };

/** Answers with an error status, these parts, and no end unless the response is to be complete. */
function routeError(status: number, parts: readonly string[], isComplete: boolean): void {
  auth.server.route(path, (_request, closing) => ({
    status,
    body: (async function* () {
      yield* parts;
      if (isComplete) return;
      await new Promise((resolve) => {
        closing.addEventListener('abort', resolve);
      });
    })(),
  }));
}

describe.each(adapters)('the error of a stream whose request is answered with an error status, over %s,', (adapter) => {
  it.each(Object.entries(kinds))('has the text of the body in %s()', async (_kind, open) => {
    routeError(422, ['{"error":"no', ' such model"}'], true);
    const error = await errorOf(open(appOn(auth.server, { adapter }).api, path));
    expect(error.response).toMatchObject({ status: 422, data: '{"error":"no such model"}' });
  });

  it('shows no token, however deeply it is inspected', async () => {
    routeError(404, ['nothing here'], true);
    const error = await errorOf(lines(appOn(auth.server, { adapter }).api, path));
    expectNoToken([inspect(error, { depth: 12 }), JSON.stringify(error)], auth.server.secrets());
    expect(auth.server.sent(path)).toMatchObject([{ tokenState: 'valid' }]);
  });

  it('comes after two seconds with what has arrived of an endless body, whose connection is closed', async () => {
    routeError(500, ['first part'], false);
    const error = await errorOf(lines(appOn(auth.server, { adapter }).api, path));
    expect(error.response).toMatchObject({ status: 500, data: 'first part' });
    await auth.server.closed(path);
  });

  it('has 65,536 characters of a longer body, whose connection is closed', async () => {
    routeError(500, Array<string>(70).fill('x'.repeat(1_000)), false);
    const error = await errorOf(text(appOn(auth.server, { adapter }).api, path));
    expect(error.response?.data).toBe('x'.repeat(65_536));
    await auth.server.closed(path);
  });

  it('does not come if the stream is unsubscribed while the body is read, and the connection is closed', async () => {
    routeError(500, ['first part'], false);
    const instance = instanceOn(auth.server, adapter);
    const failed = new Promise<void>((resolve) => {
      instance.interceptors.response.use(null, async (error: Error) => {
        resolve();
        throw error;
      });
    });
    const recording = record(lines(createClient({ axios: instance, session: sessionOn(auth.server).session }), path));
    await failed;
    await flush(auth.server);
    recording.unsubscribe();
    await auth.server.closed(path);
    expect(recording.events).toEqual([]);
  });

  it('has the text also where an interceptor of the app has wrapped it', async () => {
    routeError(422, ['why'], true);
    const { session } = sessionOn(auth.server);
    const instance = instanceOn(auth.server, adapter);
    instance.interceptors.response.use(null, (cause: AxiosError) => Promise.reject(new Error('failed', { cause })));
    const { cause } = (await errorOf(lines(createClient({ axios: instance, session }), path))) as unknown as {
      cause: AxiosError;
    };
    expect(cause.response).toMatchObject({ status: 422, data: 'why' });
  });
});
