import type { ServerRequest } from './server-request.ts';

/**
 * Selects requests: a path (`/api/echo`), a path with its query (`/api/echo?n=1`), the beginning of a path
 * (`/api/*`), any of these after a method (`POST /api/echo`), a pattern on path and query, or a function.
 */
export type Where = string | RegExp | ((request: ServerRequest) => boolean);

export function matcher(where: Where): (request: ServerRequest) => boolean {
  if (typeof where === 'function') return where;
  if (where instanceof RegExp) return ({ url }) => where.test(url);
  const [, method, target = where] = /^([A-Z]+) (.*)$/.exec(where) ?? [];
  return (request) => (method === undefined || method === request.method) && matchesTarget(target, request);
}

function matchesTarget(target: string, { path, url }: ServerRequest): boolean {
  if (target.endsWith('*')) return url.startsWith(target.slice(0, -1));
  return target.includes('?') ? target === url : target === path;
}

export function describeWhere(where: Where): string {
  return typeof where === 'function' ? 'the given predicate' : String(where);
}
