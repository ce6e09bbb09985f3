// What the other folders of this package need of http, and applications do not.
export { trustedOrigins } from './trusted-origins.ts';
export { keepsToken } from './redirects.ts';
export { partsOf } from './client-parts.ts';
export { isWebStream, releaseBody } from './held-body.ts';
