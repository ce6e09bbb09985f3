import { createClient } from 'sluice';
import { AxiosError, CanceledError, type AxiosAdapter } from 'axios';
import { concatMap, defer, of, throwError } from 'rxjs';
import type { Holder, Way } from './holder.ts';
import type { Request } from './ledger.ts';

/** The operator on a plain `defer`. Everything is synchronous. */
export const byOperator: Way =
  (holder, { retryOnUnauthorized }) =>
  (request) =>
    defer(() => holder.wire(request, holder.token)).pipe(
      concatMap((status) =>
        status === 200 ? of(status) : throwError(() => Object.assign(new Error('refused'), { status })),
      ),
      retryOnUnauthorized(holder.session),
    );

/** A client whose adapter uses the world as its network. */
export const byClient: Way = (holder: Holder) => {
  const requests: Request[] = [];
  const adapter: AxiosAdapter = (config) =>
    new Promise((resolve, reject) => {
      const { n } = config.params as { n: number };
      const authorization = config.headers.get('Authorization');
      const token = typeof authorization === 'string' ? authorization.slice('Bearer '.length) : null;
      const sent = holder.wire(requests[n]!, token).subscribe((status) => {
        const response = { status, statusText: '', data: 'answer', headers: {}, config };
        if (config.validateStatus?.(status) ?? true) resolve(response);
        else reject(new AxiosError('refused', AxiosError.ERR_BAD_REQUEST, config, null, response));
      });
      config.signal?.addEventListener?.('abort', () => {
        sent.unsubscribe();
        reject(new CanceledError(undefined, config));
      });
    });
  const api = createClient({ baseURL: 'https://api.example.com', session: holder.session, adapter });
  return (request) => {
    requests[request.index] = request;
    return api.get('/', { params: { n: request.index } });
  };
};
