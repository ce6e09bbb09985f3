import { defineConfig } from 'vite';
import { pageConfig } from '../shared/page-config.ts';
import { addDashboard } from './api.ts';

// Short, so that tokens expire while somebody looks. The tests let tokens live longer, to expire them when they want.
const lifetimeSeconds = Number(process.env['TOKEN_SECONDS'] ?? 10);

export default defineConfig(
  pageConfig({ url: import.meta.url, lifetimeSeconds, paceMs: 400, addRoutes: addDashboard }),
);
