// Installs the servers and browsers that `npm run test:sharing` starts, where that is possible: as root, with apt-get. Elsewhere it says so and succeeds,
// because the tests are skipped without them.
import { spawnSync } from 'node:child_process';
import { findNginx, findPostgres, findRedis, onPath } from './storage-engines.ts';

const missing = [
  ...(typeof findRedis() === 'string' ? ['redis-server'] : []),
  ...(typeof findPostgres() === 'string' ? ['postgresql'] : []),
  ...(typeof findNginx() === 'string' ? ['nginx-light'] : []),
  ...(onPath('chromium') === undefined ? ['chromium'] : []),
  ...(onPath('firefox-esr') === undefined ? ['firefox-esr'] : []),
];
const run = (...args: readonly string[]): boolean => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
  return status === 0;
};
const say = (text: string): unknown => process.stdout.write(`${text}\n`);

if (missing.length === 0) say('Redis, PostgreSQL, nginx, Chromium and Firefox are here.');
else if (process.getuid?.() !== 0) say(`Not installed, because only root may: ${missing.join(', ')}.`);
else {
  if (!run('update', '-qq')) say('The list of packages could not be renewed.');
  // One package a call: apt-get installs none of several if one of them does not exist, as firefox-esr on Ubuntu.
  for (const name of missing) {
    const isInstalled = run('install', '-y', '-qq', '--no-install-recommends', name);
    say(isInstalled ? `Installed: ${name}.` : `Could not be installed: ${name}.`);
  }
}
