// Starts the gateway: several workers on one port, and, unless `UPSTREAM_URL` names one, the API behind them.
import cluster from 'node:cluster';
import { readSettings } from './settings.ts';
import { serveUpstream } from './upstream.ts';
import { startWorker } from './worker.ts';

const settings = readSettings();

if (cluster.isWorker) {
  await startWorker(settings);
} else {
  const { port, workers, upstream } = settings;
  if (process.env['UPSTREAM_URL'] === undefined) serveUpstream(new URL(upstream).port);
  for (let n = 0; n < workers; n += 1) cluster.fork();
  // A worker that has died is replaced. Its sessions are in Redis.
  cluster.on('exit', (worker) => {
    if (!worker.exitedAfterDisconnect) cluster.fork();
  });
  let listening = 0;
  cluster.on('listening', () => {
    listening += 1;
    if (listening === workers) console.log(`The gateway is open: http://localhost:${port}, ${workers} workers`);
  });
}
