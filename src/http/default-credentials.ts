import type { AxiosInstance } from 'axios';
import { isDevelopment } from '../session/internal.ts';

declare const console: { warn(message: string): void };

/**
 * Returns a function that warns once, in development, if an axios instance has credentials in its defaults. Each request then counts as
 * one with its own credentials, and the session has no effect. The usual cause is an `Authorization` that the app set at sign-in before
 * it used Sluice.
 *
 * @returns the function to call for each request that brings credentials of its own; `undefined` in production
 */
export function defaultCredentialsWarning(instance: Pick<AxiosInstance, 'defaults'>): (() => void) | undefined {
  if (!isDevelopment()) return undefined;
  let isTold = false;
  return () => {
    const { headers, auth } = instance.defaults;
    const groups: readonly unknown[] = [headers, ...(Object.values(headers) as unknown[])];
    const isThere = groups.some((group) =>
      Object.keys(Object(group) as object).some((name) => /^authorization$/i.test(name)),
    );
    if (isTold || !(isThere || auth)) return;
    isTold = true;
    console.warn(
      'Sluice: requests go without the session, because the defaults of their axios instance hold an Authorization. Remove it from defaults.headers.',
    );
  };
}
