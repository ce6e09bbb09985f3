import { HttpContextToken } from '@angular/common/http';

/**
 * A context token that takes a request of HttpClient out of the session: no token, no waiting, no refresh.
 *
 * @defaultValue `false`
 * @example
 * ```ts
 * http.post('/auth/sign-in', credentials, { context: new HttpContext().set(SKIP_SESSION, true) });
 * ```
 */
export const SKIP_SESSION: HttpContextToken<boolean> = /* @__PURE__ */ new HttpContextToken<boolean>(() => false);
