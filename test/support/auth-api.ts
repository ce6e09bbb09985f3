import type { Reply } from './reply.ts';
import { cookieFor, refreshCookie, type RefreshEndpoint, type RefreshRecord } from './refresh-endpoint.ts';
import { challenge, routeOf, type Route } from './routes.ts';
import type { ServerRequest } from './server-request.ts';
import type { AccessToken, TokenBook, TokenState } from './token-book.ts';
import { matcher, type Where } from './where.ts';

/** Decides how a request is answered. */
export interface AuthApi {
  /** The refresh and access tokens that were sent to `/api/revoke`. */
  readonly revocations: string[];
  /** The response to a request for a protected path whose token is not valid. */
  unauthorized: (state: TokenState) => Reply;
  route(where: Where, route: Route): () => void;
  answer(request: ServerRequest, refresh: RefreshRecord | undefined, closing: AbortSignal): Reply | Promise<Reply>;
}

const openPaths = ['/api/login', '/api/cookie-login', '/api/revoke', '/api/graphql'];

/** Whether anybody may post to this path below `/api/`. */
export function isOpen({ method, path }: ServerRequest): boolean {
  return method === 'POST' && openPaths.includes(path);
}

export function createAuthApi(
  book: TokenBook,
  refreshes: RefreshEndpoint,
  tokenBody: (token: AccessToken) => object,
): AuthApi {
  const custom = new Set<{ matches: (request: ServerRequest) => boolean; route: Route }>();
  const revocations: string[] = [];

  function login(request: ServerRequest, inCookie: boolean): Reply {
    const { user, password } = jsonBody(request);
    if (typeof user !== 'string') return { status: 400, body: { message: 'Who are you? Send { "user": … }.' } };
    if (password === 'wrong') return { status: 401, body: { message: 'wrong password' } };
    const token = book.signIn(user);
    const { refreshToken } = token.family;
    return {
      ...(inCookie ? { headers: { 'set-cookie': cookieFor(refreshToken) } } : {}),
      body: { ...tokenBody(token), ...(inCookie ? {} : { refreshToken }) },
      sent: () => {
        token.delivered = true;
      },
    };
  }

  function revoke(request: ServerRequest): Reply {
    const { token } = jsonBody(request);
    if (typeof token !== 'string') return { status: 400, body: { error: 'invalid_request' } };
    revocations.push(token);
    const family = book.familyOf(token) ?? book.find(token)?.family;
    if (family) {
      family.revoked = true;
      for (const access of family.access) access.dead = true;
    }
    return { headers: { 'set-cookie': `${refreshCookie}=; Path=/; Max-Age=0` } };
  }

  /** Answers everything with 200, and reports a dead token in the body only. */
  function graphql({ token, user }: ServerRequest): Reply {
    if (book.judge(token) === 'valid') return { body: { data: { me: user } } };
    return { body: { data: null, errors: [{ message: 'Sign in', extensions: { code: 'UNAUTHENTICATED' } }] } };
  }

  function openRoute(request: ServerRequest): Reply {
    if (request.path === '/api/revoke') return revoke(request);
    if (request.path === '/api/graphql') return graphql(request);
    return login(request, request.path === '/api/cookie-login');
  }

  const api: AuthApi = {
    revocations,
    unauthorized: (state) => ({
      status: 401,
      headers: { 'www-authenticate': challenge(state === 'none' ? {} : { error: 'invalid_token' }) },
      body: { message: 'unauthorized' },
    }),

    route(where, route) {
      const entry = { matches: matcher(where), route };
      custom.add(entry);
      return () => custom.delete(entry);
    },

    answer(request, refresh, closing) {
      if (refresh) return refreshes.answer(refresh, request);
      const { path, token } = request;
      if (isOpen(request)) return openRoute(request);
      if (path.startsWith('/api/')) {
        const state = book.judge(token);
        if (state !== 'valid') return api.unauthorized(state);
      }
      const route = [...custom].find(({ matches }) => matches(request))?.route;
      if (route) return route(request, closing);
      if (path.startsWith('/api/') || path.startsWith('/public/')) return routeOf(path)(request, closing);
      return { status: 404, body: { message: 'not found' } };
    },
  };
  return api;
}

function jsonBody({ body }: ServerRequest): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(body.toString()) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
