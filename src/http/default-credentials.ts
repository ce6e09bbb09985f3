import type { AxiosInstance } from 'axios';
import { isDevelopment } from '../session/internal.ts';

declare const console: { warn(message: string): void };

/**
 * Makes a function that warns once, in development, if the defaults of an instance hold credentials: these keep the session out of all
 * its requests. Mostly it is an `Authorization` that the app has set at sign-in since before it used Sluice.
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
