import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, type Echo } from '../http/fixture.ts';
import { record } from '../support/recorder.ts';
import { adapters, appOn } from './app.ts';
import { openServer, useServer, type ServerOfTest } from './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
const use = useServer();
let elsewhere: ServerOfTest;
beforeEach(async () => {
  elsewhere = await openServer();
});
afterEach(() => elsewhere[Symbol.asyncDispose]());

/** A path that answers with a redirect. */
const to = (url: string, status = 302): string =>
  `/api/redirect?${String(new URLSearchParams({ to: url, status: `${status}` }))}`;

describe.each(adapters)('over %s', (adapter) => {
  it('a redirect within the origin is followed with the token', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);

    const response = await record(api.get<Echo>(to('/api/echo'))).outcome;

    expect(response).toMatchObject({ kind: 'complete', values: [{ path: '/api/echo', generation: 1 }] });
  });

  it('a redirect to another origin is followed without the token', async () => {
    const { server } = use;
    const { api, refresh } = await appOn(server, adapter);

    const outcome = await record(api.get<Echo>(to(`${elsewhere.url}/public/echo`))).outcome;

    expect(outcome).toMatchObject({ kind: 'complete', values: [{ path: '/public/echo' }] });
    const [landed] = await elsewhere.sent();
    expect(landed?.headers.authorization).toBeUndefined();
    expect(refresh).not.toHaveBeenCalled();
  });

  it('a resend that is redirected to another origin carries no token there', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    const outcome = await record(api.get<Echo>(to(`${elsewhere.url}/public/echo`))).outcome;

    expect(outcome.kind).toBe('complete');
    expect((await server.sent('/api/redirect')).map(({ generation }) => generation)).toEqual([1, 2]);
    expect((await elsewhere.sent()).map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('a 307 sends the body again, after a refresh as well', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    await server.expireAccess();

    const outcome = await record(api.post<Echo>(to('/api/echo', 307), { a: 1 })).outcome;

    expect(outcome).toMatchObject({ kind: 'complete', values: [{ method: 'POST', text: '{"a":1}', generation: 2 }] });
  });

  it('a token that is rejected at the end of a redirect is refreshed once', async () => {
    const { server } = use;
    const { api } = await appOn(server, adapter);
    const landing = await server.hold('/api/echo');
    const request = record(api.get<Echo>(to('/api/echo')));
    await landing.waiting(1);
    await server.expireAccess();
    await landing.release();

    expect(await request.outcome).toMatchObject({ kind: 'complete', values: [{ generation: 2 }] });
    expect(await server.refreshes()).toHaveLength(1);
  });

  it('a 401 of another origin at the end of a redirect is delivered, and starts no refresh', async () => {
    const { server } = use;
    const { api, session } = await appOn(server, adapter);

    const error = await errorOf(api.get(to(`${elsewhere.url}/api/echo`)));

    expect(error).toMatchObject({ name: 'AxiosError', response: { status: 401 } });
    expect(session.state.status).toBe('signed-in');
    expect(await server.refreshes()).toEqual([]);
    for (const { headers } of await elsewhere.sent()) expect(headers.authorization).toBeUndefined();
  });

  it('a 401 of another trusted origin at the end of a redirect starts no refresh: the browser has dropped the token', async () => {
    const { server } = use;
    const { api, session } = await appOn(server, adapter, { trustedOrigins: [elsewhere.url] });

    const error = await errorOf(api.get(to(`${elsewhere.url}/api/echo`)));

    expect(error).toMatchObject({ name: 'AxiosError', response: { status: 401 } });
    expect(session.state).toMatchObject({ status: 'signed-in', generation: 1 });
    expect(await server.refreshes()).toEqual([]);
    expect((await elsewhere.sent()).map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});
