import { isSluiceError } from '../session/index.ts';
import { causesOf, isUnsendable, readProperty, statusOf, valuesOf } from '../session/internal.ts';

/** Matches the reasons of `RefreshFailedError` and of `StreamFailedError` that may be gone at the next try. */
const temporary = /^(unavailable|timeout|no-response|silent|interrupted)$/;

/**
 * Returns whether the request that failed with this error may be sent again, whatever the status of its response is:
 *
 * - always if a refresh failed temporarily: the server has not carried the request out,
 * - never after any other error of Sluice, except a stream that broke off, nor after a cancellation or for an invalid request,
 * - otherwise only if its method is safe, or if the app says that it is idempotent: the server may have carried the request out.
 *
 * @see RFC 9110 section 9.2.1
 */
export function mayRepeat(error: unknown, idempotent: boolean): boolean {
  const own = causesOf(error).find(isSluiceError);
  if (own && !temporary.test(String(readProperty(own, 'reason')))) return false;
  if (own?.code === 'refresh-failed') return true;
  if (statusOf(error) === undefined && isUnsendable(error)) return false;
  // Where HTTP libraries keep the request: axios in `config`, ofetch and got in `options`, ajax and ky in `request`. `config` comes first,
  // because the `request` of axios in Node is that of the last redirect.
  const methods = valuesOf(error, ['config', 'options', 'request']).map((request) => readProperty(request, 'method'));
  return idempotent || /^(get|head|options)$/i.test(String(methods.find((method) => typeof method === 'string')));
}
