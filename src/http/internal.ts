// What the other folders of this package need of http, and applications do not.
export { trustedOrigins } from './trusted-origins.ts';
export { keepsToken } from './redirects.ts';
export { partsOf } from './client-parts.ts';
export { releaseBody } from './held-body.ts';
export { AxiosTarget } from './request-target.ts';
export { settle } from './response.ts';
