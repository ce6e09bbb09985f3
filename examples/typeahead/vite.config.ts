import { defineConfig } from 'vite';
import { pageConfig } from '../shared/page-config.ts';
import { addSearch } from './api.ts';

// A search takes longer than most people need for the next letter.
const config = pageConfig({ url: import.meta.url, lifetimeSeconds: 300, paceMs: 600, addRoutes: addSearch });
export default defineConfig(config);
