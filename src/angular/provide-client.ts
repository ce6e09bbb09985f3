import { type EnvironmentProviders, inject, InjectionToken, makeEnvironmentProviders } from '@angular/core';
import { type Client, type ClientOptions, createClient } from '../http/index.ts';
import { checkOptions } from './check-options.ts';
import { pendingClient } from './pending-client.ts';
import { SESSION } from './session-token.ts';

/**
 * The token of the application's client. The client of a second API needs a token of its own, the option `provide` of `provideClient()`.
 *
 * @example
 * ```ts
 * export const BILLING_CLIENT = new InjectionToken<Client>('the client of billing');
 * provideClient({ baseURL: 'https://billing.example.com' }, { provide: BILLING_CLIENT });
 * ```
 */
export const CLIENT: InjectionToken<Client> = /* @__PURE__ */ new InjectionToken<Client>(
  'sluice CLIENT, which provideClient() provides',
);

/** Options of `provideClient()`. */
export interface ProvideClientOptions {
  /** The token under which the client is provided. @defaultValue `CLIENT` */
  readonly provide?: InjectionToken<Client>;
}

/**
 * Provides a client with the application's session. A server that renders a page waits for the client's requests, as it does for those of
 * HttpClient. What `createClient()` throws is thrown when the client is first injected.
 *
 * @param options - as `createClient()` takes them, or a function that returns them and may call `inject()`. If they have no `session`, the
 * session that `provideSession()` provides under `SESSION` is used
 * @throws InvalidInputError for a `provide` that is no `InjectionToken`, or (in development) for an unknown option beside it
 * @example
 * ```ts
 * provideClient({ baseURL: 'https://api.example.com' });
 * ```
 */
export function provideClient(
  options: ClientOptions | (() => ClientOptions),
  provideOptions: ProvideClientOptions = {},
): EnvironmentProviders {
  const { provide = CLIENT } = provideOptions;
  checkOptions('provideClient()', provideOptions, 'provide');
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
 * Returns the client that `provideClient()` provides. To be called in an injection context.
 *
 * @param token - under which the client is provided. Defaults to `CLIENT`
 * @throws the error of Angular if no client is provided, and `InvalidInputError` if its options are refused
 * @example
 * ```ts
 * private readonly api = injectClient();
 * ```
 */
export function injectClient(token: InjectionToken<Client> = CLIENT): Client {
  return inject(token);
}
