import type { AxiosProgressEvent, AxiosRequestConfig, AxiosResponse } from 'axios';
import { map, Observable } from 'rxjs';
import type { HttpEvent } from './request-options.ts';

type Respond = (config: AxiosRequestConfig, sent: () => void) => Observable<AxiosResponse>;

/** Everything that happens to a request, as one stream. The caller's own progress callbacks are called as well. */
export function eventsOf(config: AxiosRequestConfig, respond: Respond): Observable<HttpEvent<unknown>> {
  return new Observable((subscriber) => {
    let attempt = 0;
    const telling =
      (type: 'uploadProgress' | 'downloadProgress', also?: (event: AxiosProgressEvent) => void) =>
      (event: AxiosProgressEvent): void => {
        also?.(event);
        // A body that is a stream is read after the response.
        if (subscriber.closed) return;
        const { loaded, total } = event;
        subscriber.next(total === undefined ? { type, loaded } : { type, loaded, total });
      };
    const watched: AxiosRequestConfig = {
      ...config,
      onUploadProgress: telling('uploadProgress', config.onUploadProgress),
      onDownloadProgress: telling('downloadProgress', config.onDownloadProgress),
    };
    const sent = (): void => {
      subscriber.next({ type: 'sent', attempt: ++attempt });
    };
    return respond(watched, sent)
      .pipe(map((response) => ({ type: 'response' as const, response })))
      .subscribe(subscriber);
  });
}
