import { type EnvironmentProviders, inject, InjectionToken, makeEnvironmentProviders } from '@angular/core';
import { type Client, type ClientOptions, createClient } from '../http/index.ts';
import { pendingClient } from './pending-client.ts';
import { SESSION } from './session-token.ts';

/** The application's client. A second API's client has a token of its own: see `provideClient`. */
export const CLIENT: InjectionToken<Client> = /* @__PURE__ */ new InjectionToken<Client>(
  'sluice CLIENT, which provideClient() provides',
);

/** Under which token a client is provided. */
export interface ProvideClientOptions {
  /** @defaultValue `CLIENT` */
  readonly provide?: InjectionToken<Client>;
}

/**
 * Provides a client on the application's session. A server that renders a page waits for its requests, as it does for
 * HttpClient's.
 *
 * @param options - as `createClient` takes them, or a factory of them, which may `inject()`. Without `session` in them, it is
 * the one of `provideSession`
 * @example
 * ```ts
 * provideClient({ baseURL: 'https://api.example.com' });
 * ```
 */
export function provideClient(
  options: ClientOptions | (() => ClientOptions),
  { provide = CLIENT }: ProvideClientOptions = {},
): EnvironmentProviders {
  return makeEnvironmentProviders([
    {
      provide,
      useFactory: (): Client => {
        const given = typeof options === 'function' ? options() : options;
        return pendingClient(createClient(given.session ? given : { ...given, session: inject(SESSION) }));
      },
    },
  ]);
}

/**
 * The client that `provideClient` provides. In an injection context.
 *
 * @param token - under which it is provided; `CLIENT` without one
 */
export function injectClient(token: InjectionToken<Client> = CLIENT): Client {
  return inject(token);
}
