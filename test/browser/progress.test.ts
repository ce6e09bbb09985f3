import { afterEach, beforeEach } from 'vitest';
import { commands } from 'vitest/browser';
import { describeProgress } from '../support/progress-tests.ts';
import { adapters } from './app.ts';
import './server.ts';
import { failOnUnhandled } from './unhandled.ts';

failOnUnhandled();
let url: string;
beforeEach(async () => {
  url = await commands.openPacedServer();
});
afterEach(() => commands.closePacedServer(url));

// Over fetch, axios reports the progress of an upload over HTTP/2 only.
for (const adapter of adapters) describeProgress(adapter, () => url, adapter === 'xhr');
