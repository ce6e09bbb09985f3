/** `npm run example:angular`: builds the Angular example for production and serves it with its API. `PORT` chooses the port. */
import { serveExample } from '../examples/angular/server/serve.ts';
import { buildExample } from './build-example.ts';

process.stdout.write('Packing Sluice and building the application; the first time takes a minute.\n');
const dist = await buildExample();
const { url } = await serveExample(dist, Number(process.env['PORT'] ?? 4200), 20);
process.stdout.write(`Quayside is open: ${url}\n`);
