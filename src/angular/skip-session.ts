import { HttpContextToken } from '@angular/common/http';

/**
 * Makes one request of Angular's HttpClient go without the session: no token, no waiting, no refresh.
 *
 * @example
 * ```ts
 * http.post('/auth/sign-in', credentials, { context: new HttpContext().set(SKIP_SESSION, true) });
 * ```
 */
export const SKIP_SESSION: HttpContextToken<boolean> = /* @__PURE__ */ new HttpContextToken<boolean>(() => false);
