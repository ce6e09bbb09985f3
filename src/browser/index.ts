export type { FormerTokens } from './former-tokens.ts';
export { localStorageStore, type LocalStorageStoreOptions } from './local-storage-store.ts';
export { webStore, type WebStoreOptions } from './web-store.ts';
