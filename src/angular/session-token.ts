import { InjectionToken } from '@angular/core';
import type { Session } from '../session/index.ts';

/**
 * The token of the application's session. A second session needs a token of its own, the option `provide` of `provideSession()`.
 *
 * @example
 * ```ts
 * export const BILLING_SESSION = new InjectionToken<Session>('the session of billing');
 * provideSession(billingOptions, { provide: BILLING_SESSION });
 * ```
 */
export const SESSION: InjectionToken<Session> = /* @__PURE__ */ new InjectionToken<Session>(
  'sluice SESSION, which provideSession() provides',
);
