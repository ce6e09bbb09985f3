import { isSluiceError } from '../session/index.ts';
import { causesOf, isUnsendable, readProperty, statusOf, valuesOf } from '../session/internal.ts';

/**
 * Returns whether the request that failed with this error may be sent again, whatever its status is. It may not after a cancellation. After
 * an error of Sluice it may only if a refresh failed temporarily, because the server has not carried the request out then. Otherwise it may
 * if its method is safe, or if the app says that it is idempotent.
 *
 * @see RFC 9110 section 9.2.1
 */
export function mayRepeat(error: unknown, idempotent: boolean): boolean {
  const own = causesOf(error).find(isSluiceError);
  if (own && own.code !== 'stream-failed')
    return own.code === 'refresh-failed' && /^(unavailable|timeout)$/.test(own.reason);
  if (own?.code === 'stream-failed' && /^(not-a-stream|invalid-line)$/.test(own.reason)) return false;
  if (statusOf(error) === undefined && isUnsendable(error)) return false;
  // Where HTTP libraries keep the request: axios in `config`, ofetch and got in `options`, ajax and ky in `request`. `config` comes first,
  // because the `request` of axios in Node is that of the last redirect.
  const methods = valuesOf(error, ['config', 'options', 'request']).map((request) => readProperty(request, 'method'));
  return idempotent || /^(get|head|options)$/i.test(String(methods.find((method) => typeof method === 'string')));
}
