import axios, { type AxiosProgressEvent } from 'axios';
import { Observable } from 'rxjs';
import type { Execute, ExecuteConfig } from './client-request.ts';
import type { RequestEvent } from './request-options.ts';
import type { AdapterChoice } from './response.ts';
import { safeCopy } from './safe-copy.ts';

/**
 * Emits everything that happens to a request. The caller's own progress callbacks are called as well.
 *
 * @param choice - the adapter that sends the request
 */
export function eventsOf(
  config: ExecuteConfig,
  choice: AdapterChoice,
  respond: Execute,
): Observable<RequestEvent<unknown>> {
  return new Observable((subscriber) => {
    let attempt = 0;
    const progressListener =
      (type: 'uploadProgress' | 'downloadProgress', also?: (event: AxiosProgressEvent) => void) =>
      (event: AxiosProgressEvent): void => {
        also?.(event);
        // A streamed body may still be read after the Observable has completed.
        if (subscriber.closed) return;
        const { loaded, total } = event;
        subscriber.next(total === undefined ? { type, loaded } : { type, loaded, total });
      };
    const { onUploadProgress } = config;
    const watched = Object.assign(safeCopy(config), {
      ...((onUploadProgress !== undefined || !isBrowsersFetch(choice)) && {
        onUploadProgress: progressListener('uploadProgress', onUploadProgress),
      }),
      onDownloadProgress: progressListener('downloadProgress', config.onDownloadProgress),
    });
    const sent = (): void => {
      subscriber.next({ type: 'sent', attempt: ++attempt });
    };
    return respond(watched, (response) => ({ type: 'response' as const, response }), sent).subscribe(subscriber);
  });
}

/**
 * Whether a browser's `fetch` sends the request. To report the progress of an upload, axios would then send the body as a stream, which
 * browsers do over HTTP/2 only (axios#6686).
 */
function isBrowsersFetch(choice: AdapterChoice): boolean {
  return typeof location !== 'undefined' && axios.getAdapter(choice) === axios.getAdapter('fetch');
}
