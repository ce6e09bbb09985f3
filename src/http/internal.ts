// What the other folders of this package need of http, and applications do not.
export { trustedOrigins } from './trusted-origins.ts';
export { keepsToken } from './redirects.ts';
export { partsOf } from './client-parts.ts';
export { heldBody, isWebStream, releaseBody } from './held-body.ts';
export { axiosInstance } from './axios-like.ts';
export { AxiosTarget } from './request-target.ts';
export { settle } from './response.ts';
export { throwIfAborted } from './cancellation.ts';
export { type Traceable, type TraceHook, traceKey } from './trace-hook.ts';
