import { readFileSync } from 'node:fs';
import { createAlova, type Method } from 'alova';
import { createServerTokenAuthentication } from 'alova/client';
import adapterFetch from 'alova/fetch';
import type { Answer, Library, RequestSpec } from '../driver.ts';
import { askBy, type Post, postByFetch, postLater, refreshOf, tokenBox, type TokenBody } from '../drivers/asking.ts';
import { answerOfResponse } from '../drivers/fetch-init.ts';

const { version } = JSON.parse(
  readFileSync(new URL('../node_modules/alova/package.json', import.meta.url), 'utf8'),
) as { version: string };

interface Meta {
  readonly spec?: RequestSpec;
  readonly authRole?: 'login' | 'refreshToken' | null;
  /** Of the answer, since a method gives the body alone. */
  status?: number;
}

const metaOf = (method: { meta?: unknown }): Meta => method.meta ?? {};

/** As its page on token authentication has it: the server tells of expiry, and `assignToken` attaches. No cache. */
export const alova: Library = {
  name: 'alova',
  version,
  lacks: {
    'attaches-token': 'the app’s own `assignToken` attaches the token',
    dispose: 'it cannot be taken off',
    events: 'it has no events of a session',
    expiry: 'the clock is asked by another interceptor, which asks no server',
    'no-resend': '`authRole: null` leaves the token off, too',
    progress: 'fetch tells no progress of uploads',
    refresh: 'only a 401 refreshes',
    revoke: 'it has no such option',
    'shared-store': 'it shares nothing between tabs',
    storage: 'the app keeps the tokens',
    'token-header': 'the app’s own `assignToken` attaches the token',
  },
  drive(server, tokens, setup) {
    const box = tokenBox(tokens);
    const { isUnauthorized, hooks } = setup;
    const { onAuthRequired, onResponseRefreshToken } = createServerTokenAuthentication({
      refreshTokenOnSuccess: {
        isExpired: async (response: Response) =>
          isUnauthorized
            ? isUnauthorized({ status: response.status, body: await response.clone().json() })
            : response.status === 401,
        handler: async () => {
          box.merge(await refreshOf(setup, box.get(), ask));
        },
      },
      assignToken: (method) => {
        const accessToken = box.get()?.accessToken;
        const headers = method.config.headers as Record<string, string>;
        if (accessToken !== undefined) headers['Authorization'] = `Bearer ${accessToken}`;
      },
    });
    const make = () =>
      createAlova({
        baseURL: server.url,
        requestAdapter: adapterFetch(),
        cacheFor: null,
        beforeRequest: onAuthRequired(() => hooks?.request()),
        responded: onResponseRefreshToken({
          onSuccess: async (response: Response, method) => {
            const meta = metaOf(method);
            const { status, body } = await answerOfResponse(response, meta.spec ?? { url: '' });
            meta.status = status;
            return hooks ? hooks.response(body) : body;
          },
          onError: (error) => {
            throw error;
          },
        }),
      });
    const instance = make();

    const build = (by: typeof instance, spec: RequestSpec): Method => {
      const { url, method = 'GET', json, chunks, headers, timeoutMs } = spec;
      const login = url === '/api/login';
      const meta: Meta = {
        spec,
        ...(spec.session === false && { authRole: null }),
        ...(login && { authRole: 'login' }),
      };
      const body = chunks
        ? new ReadableStream({
            start(controller) {
              for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
              controller.close();
            },
          })
        : hooks
          ? hooks.transform(json)
          : json;
      return by.Request({
        url,
        method: method,
        meta,
        headers: { ...headers },
        ...(timeoutMs !== undefined && { timeout: timeoutMs }),
        ...(body !== undefined && { data: body as Record<string, unknown> }),
        ...(chunks && { duplex: 'half' }),
      });
    };
    const run = async (method: Method, signal: AbortSignal | undefined): Promise<Answer> => {
      signal?.addEventListener('abort', () => {
        void method.abort();
      });
      const body: unknown = await method.send(true);
      return { status: metaOf(method).status ?? 0, body };
    };
    const postByAlova: Post = async (url, body) => {
      const meta: Meta = { authRole: 'refreshToken' };
      const method = instance.Post(url, body as Record<string, unknown>, { meta });
      return (await method.send(true)) as TokenBody;
    };
    const ask = askBy(server, setup.refreshThroughClient ? postLater(postByAlova) : postByFetch);
    return {
      request: (spec) => run(build(instance, spec), spec.signal),
      signIn: box.set,
      signOut: () => {
        box.set(null);
      },
      tokens: box.get,
      sibling: () => {
        const other = make();
        return { request: (spec) => run(build(other, spec), spec.signal) };
      },
      cold: (spec) => {
        const method = build(instance, spec);
        return { send: (signal) => run(method, signal) };
      },
    };
  },
};
