import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AxiosInstance } from 'axios';
import { InvalidInputError } from '../session/index.ts';
import { assertOption, kindOf, parseUrl } from '../session/internal.ts';
import type { RequestOptions } from './request-options.ts';
import { isAbsolute, isResolvable } from './trusted-origins.ts';

/**
 * Checks the arguments of a request when a method of the client is called, so that the stack of the error shows where they were passed.
 *
 * @throws InvalidInputError for arguments that can never make a valid request
 */
export function checkRequest(url: unknown, options: RequestOptions, defaults: AxiosInstance['defaults']): void {
  const {
    observe = 'body',
    schema,
    signal,
    baseURL = defaults.baseURL,
    allowAbsoluteUrls = defaults.allowAbsoluteUrls,
    socketPath = defaults.socketPath,
  } = options;
  const { session } = options as { readonly session?: unknown };
  assertOption('A request', 'session', session, session === false, 'false only: no session');
  const misspelt = Object.keys(options).find((key) => key !== 'session' && /^s+e+s+i+o+n+s?$/i.test(key));
  if (misspelt !== undefined)
    throw new InvalidInputError(`A request knows no ${misspelt}: the option is session: false.`);
  if (typeof url !== 'string') throw new InvalidInputError(`A request needs a url: a string; given: ${kindOf(url)}.`);
  const isKnown = ['body', 'response', 'events'].includes(observe);
  assertOption('A request', 'observe', observe, isKnown, "'body', 'response' or 'events'");
  assertOption('A request', 'signal', signal ?? undefined, typeof signal?.aborted === 'boolean', 'an AbortSignal');
  if (allowAbsoluteUrls === false && isAbsolute(url)) {
    throw new InvalidInputError('The URL is absolute, and allowAbsoluteUrls is false.');
  }
  // Schemas of zod before 3.24, for example, are no Standard Schemas, and could not validate the response.
  const isSchema = typeof (schema as Partial<StandardSchemaV1> | undefined)?.['~standard']?.validate === 'function';
  assertOption('A request', 'schema', schema, isSchema, 'a Standard Schema (standardschema.dev)');
  if (!socketPath && !isResolvable(url, baseURL) && !parseUrl(url)) {
    throw new InvalidInputError(
      `The URL is relative, with no page to start from: the client needs a baseURL such as https://api.example.com; it is ${JSON.stringify(baseURL)}.`,
    );
  }
}
