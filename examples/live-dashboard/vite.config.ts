import { defineConfig } from 'vite';
import { pageConfig } from '../shared/page-config.ts';
import { addDashboard } from './api.ts';

// Tokens live so short that they expire while somebody watches. The tests let them live longer, and expire them when they want.
const lifetimeSeconds = Number(process.env['TOKEN_SECONDS'] ?? 10);

export default defineConfig(
  pageConfig({ url: import.meta.url, lifetimeSeconds, paceMs: 400, addRoutes: addDashboard }),
);
