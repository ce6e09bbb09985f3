import { readFileSync } from 'node:fs';
import ky, { type KyInstance, type Options } from 'ky';
import type { Answer, Library, RequestSpec } from '../driver.ts';
import { askBy, postByFetch, postLater, refreshOf, tokenBox, type TokenBody } from '../drivers/asking.ts';
import { answerOfResponse, fetchInit, fetchURL } from '../drivers/fetch-init.ts';

const { version } = JSON.parse(readFileSync(new URL('../node_modules/ky/package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** As its README answers "How do I implement token refresh on 401 responses?", and for POST, too. */
export const kyRecipe: Library = {
  name: 'ky',
  version,
  lacks: {
    'attaches-token': 'the app’s own hook attaches the token',
    cold: 'a promise is not cold',
    dispose: 'hooks cannot be taken off',
    events: 'it has no events of a session',
    expiry: 'it knows no expiry',
    'opt-out': 'it has no such option',
    refresh: 'only a 401 refreshes',
    revoke: 'it has no such option',
    'shared-store': 'it shares nothing between tabs',
    storage: 'the app keeps the tokens',
    'token-header': 'the app’s own hook attaches the token',
  },
  drive(server, tokens, setup) {
    const box = tokenBox(tokens);
    const { hooks, isUnauthorized } = setup;
    const attach = (request: Request): void => {
      const accessToken = box.get()?.accessToken;
      if (accessToken !== undefined) request.headers.set('Authorization', `Bearer ${accessToken}`);
    };
    const make = (): KyInstance =>
      ky.create({
        retry: { methods: ['get', 'head', 'put', 'patch', 'delete', 'post'], statusCodes: [401] },
        ...(hooks && { stringifyJson: hooks.transform }),
        hooks: {
          beforeRequest: [
            ({ request }) => {
              hooks?.request();
              attach(request);
            },
          ],
          beforeRetry: [
            async ({ request }) => {
              box.merge(await refreshOf(setup, box.get(), ask));
              attach(request);
            },
          ],
          afterResponse: [
            async ({ response, retryCount }) => {
              if (hooks) {
                const body = hooks.response((await response.clone().json()) as unknown);
                return Response.json(body, { status: response.status });
              }
              if (!isUnauthorized || retryCount > 0) return;
              const body = (await response.clone().json()) as unknown;
              return isUnauthorized({ status: response.status, body })
                ? ky.retry({ code: 'UNAUTHENTICATED' })
                : undefined;
            },
          ],
        },
      });
    const instance = make();
    const ask = askBy(
      server,
      setup.refreshThroughClient
        ? postLater((url, body) => instance.post(url, { json: body, retry: 0 }).json<TokenBody>())
        : postByFetch,
    );
    const send = async (by: KyInstance, spec: RequestSpec): Promise<Answer> => {
      const { accepts, json, timeoutMs, signal, onUpload } = spec;
      const { body: _body, headers, ...init } = fetchInit({ ...spec, json: undefined });
      const options: Options = {
        ...init,
        headers: headers as Record<string, string>,
        ...(spec.chunks && { body: fetchInit(spec).body as ReadableStream }),
        ...(json !== undefined && { json }),
        ...(timeoutMs !== undefined && { timeout: timeoutMs }),
        ...(signal && { signal }),
        ...(spec.resend === false && { retry: 0 }),
        ...(accepts && { throwHttpErrors: (status: number) => !accepts(status) }),
        ...(onUpload && {
          onUploadProgress: ({ transferredBytes }) => {
            onUpload(transferredBytes);
          },
        }),
      };
      return answerOfResponse(await by(fetchURL(server, spec), options), spec);
    };
    return {
      request: (spec) => send(instance, spec),
      signIn: box.set,
      signOut: () => {
        box.set(null);
      },
      tokens: box.get,
      sibling: () => {
        const other = make();
        return { request: (spec) => send(other, spec) };
      },
    };
  },
};
