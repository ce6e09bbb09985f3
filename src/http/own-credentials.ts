import type { InternalAxiosRequestConfig } from 'axios';
import { bringsCredentials, type SessionInternals } from '../session/internal.ts';
import { AxiosTarget } from './request-target.ts';
import { hasUserInfo } from './trusted-origins.ts';

/** Whether a request brings its own credentials. Adapters build an `Authorization` header from `auth`, and from a user name in the URL. */
export function bringsOwnCredentials(config: InternalAxiosRequestConfig, internals: SessionInternals): boolean {
  const { headers, auth } = config;
  return bringsCredentials(
    internals,
    new AxiosTarget(config),
    (name) => headers.has(name) || (/^authorization$/i.test(name) && (auth != null || hasUserInfo(config))),
  );
}
