import type { CreateAxiosDefaults } from 'axios';
import { type AttachSessionOptions, type Client, createClient } from '../http/index.ts';
import { InvalidInputError, type Session } from '../session/index.ts';
import { assertOption, assertOptions, internalsOf, ownOptions } from '../session/internal.ts';
import { type HttpController, TestController } from './http-controller.ts';

/** Options of `testClient()`: those of `createClient()`, such as `baseURL`, `headers` and `timeout`, except `axios` and `adapter`. */
export interface TestClientOptions extends AttachSessionOptions, Omit<CreateAxiosDefaults<unknown>, 'adapter'> {
  /** The session that the requests belong to, such as that of `testSession()`. @defaultValue none: the requests carry no token */
  readonly session?: Session;
  /** The base URL. @defaultValue `'https://api.test'` */
  readonly baseURL?: string;
  /** How long `http.next()` waits, in milliseconds of real time, 0 or more. @defaultValue `1_000` */
  readonly nextTimeoutMs?: number;
}

/** A client, and the server side of its requests, by which the test answers them. */
export interface TestClient {
  /** The client, for the code under test. */
  readonly api: Client;
  /** The server: finds what the client has sent, and answers it. */
  readonly http: HttpController;
}

/**
 * Makes a client whose requests go to the test in place of a server. It is the client of `createClient()` over an adapter of the test's
 * own: the session, interceptors, transforms, schemas, `observe: 'events'` and streams work as in production.
 *
 * @throws InvalidInputError for options that `createClient()` refuses, and for `axios` and `adapter`
 * @example
 * ```ts
 * const { api, http } = testClient();
 * const users = firstValueFrom(api.get('/users'));
 * (await http.next('GET /users')).flush([{ name: 'Ada' }]);
 * expect(await users).toEqual([{ name: 'Ada' }]);
 * http.verify();
 * ```
 */
export function testClient(options: TestClientOptions = {}): TestClient {
  assertOptions('testClient()', options);
  const { nextTimeoutMs = 1_000, baseURL = 'https://api.test', ...rest } = ownOptions(options);
  const isRight = typeof nextTimeoutMs === 'number' && nextTimeoutMs >= 0;
  assertOption('testClient()', 'nextTimeoutMs', nextTimeoutMs, isRight, 'milliseconds, 0 or more');
  assertOption('testClient()', 'baseURL', baseURL, typeof baseURL === 'string', 'a string');
  for (const name of ['axios', 'adapter'])
    if (name in rest)
      throw new InvalidInputError(
        `testClient() takes no \`${name}\`: give the \`http.adapter\` that it returns to the instance of the app.`,
      );
  const { session } = rest;
  const credentialNames = (): readonly string[] =>
    (session && internalsOf(session).credentialNames) ?? ['Authorization'];
  const http = new TestController(nextTimeoutMs, credentialNames);
  return { api: createClient({ ...rest, baseURL, adapter: http.adapter }), http };
}
