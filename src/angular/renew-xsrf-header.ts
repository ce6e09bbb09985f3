import { type HttpRequest, HttpXsrfTokenExtractor } from '@angular/common/http';
import { inject } from '@angular/core';
import type { RequestHeaders } from '../session/internal.ts';

/**
 * Returns a function that returns the XSRF header for a send, with the token that is in Angular's cookie at that moment. Angular sets the
 * header once, before any other interceptor runs. If a refresh changes the cookie before the request is sent or resent, the server would
 * refuse the old value. The header is recognised by its value, because Angular keeps its name private.
 */
export function renewXsrfHeader(request: HttpRequest<unknown>): () => RequestHeaders {
  const extractor = inject(HttpXsrfTokenExtractor, { optional: true });
  const first = extractor?.getToken();
  const names = first ? request.headers.keys().filter((name) => request.headers.get(name) === first) : [];
  return () => {
    const token = names.length > 0 && extractor?.getToken();
    return token ? Object.fromEntries(names.map((name) => [name, token])) : {};
  };
}
