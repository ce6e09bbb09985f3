export { webStore, type WebStoreOptions } from './web-store.ts';
