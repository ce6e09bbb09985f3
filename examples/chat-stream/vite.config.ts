import { defineConfig } from 'vite';
import { pageConfig } from '../shared/page-config.ts';
import { addChat } from './api.ts';

// Tokens live shorter than an answer takes. The tests let them live longer, and expire them when they want.
const lifetimeSeconds = Number(process.env['TOKEN_SECONDS'] ?? 6);

export default defineConfig(pageConfig({ url: import.meta.url, lifetimeSeconds, paceMs: 60, addRoutes: addChat }));
