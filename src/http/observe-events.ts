import axios, { type AxiosProgressEvent } from 'axios';
import { Observable } from 'rxjs';
import type { Execute, ExecuteConfig, OnSend } from './client-request.ts';
import type { RequestEvent } from './request-options.ts';
import type { AdapterChoice } from './response.ts';

/** Emits everything that happens to a request. The caller's own progress callbacks are called as well. */
export function eventsOf(config: ExecuteConfig, respond: Execute): Observable<RequestEvent<unknown>> {
  return new Observable((subscriber) => {
    let attempts = 0;
    const onSend: OnSend = (request, choice) => {
      const attempt = ++attempts;
      const progressListener =
        (type: 'uploadProgress' | 'downloadProgress', also?: (event: AxiosProgressEvent) => void) =>
        (event: AxiosProgressEvent): void => {
          also?.(event);
          // A streamed body may still be read after the Observable has completed. The upload of a request that the server has refused
          // early may go on while the request is resent, and its progress would be taken for that of the resend.
          if (subscriber.closed || attempt !== attempts) return;
          const { loaded, total, rate, estimated } = event;
          subscriber.next({
            type,
            loaded,
            ...(total !== undefined && { total }),
            ...(rate !== undefined && { rate }),
            ...(estimated !== undefined && { estimated }),
          });
        };
      const { onUploadProgress, onDownloadProgress } = request;
      if (onUploadProgress || !isBrowsersFetch(choice))
        request.onUploadProgress = progressListener('uploadProgress', onUploadProgress);
      request.onDownloadProgress = progressListener('downloadProgress', onDownloadProgress);
      subscriber.next({ type: 'sent', attempt });
    };
    return respond(config, (response) => ({ type: 'response' as const, response }), onSend).subscribe(subscriber);
  });
}

/**
 * Whether a browser's `fetch` sends the request. Then the request gets no upload listener unless the app has set one: axios would send
 * the body as a stream to report its progress, and browsers refuse to stream an upload over HTTP/1.1 (axios#6686).
 */
function isBrowsersFetch(choice: AdapterChoice): boolean {
  return typeof location !== 'undefined' && axios.getAdapter(choice) === axios.getAdapter('fetch');
}
