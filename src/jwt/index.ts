export { jwtExpiry } from './jwt-expiry.ts';
