import type { AxiosInstance } from 'axios';
import { isDevelopment } from '../session/internal.ts';

declare const console: { warn(message: string): void };

/**
 * In development, warns once if a request goes without the session because the defaults of its instance hold credentials: mostly an
 * `Authorization` that the app has set at sign-in since before it had a session.
 *
 * @returns what is to be called for each request that brings credentials of its own
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
