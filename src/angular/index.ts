export { SESSION } from './session-token.ts';
export { provideSession, type ProvideSessionOptions } from './provide-session.ts';
export { injectSession, injectSessionState } from './inject-session.ts';
export { createSessionInterceptor, sessionInterceptor, type SessionInterceptorOptions } from './session-interceptor.ts';
export { SKIP_SESSION } from './skip-session.ts';
export { createSessionGuard, sessionGuard, type SessionGuard, type SessionGuardOptions } from './session-guard.ts';
export { CLIENT, injectClient, provideClient, type ProvideClientOptions } from './provide-client.ts';
