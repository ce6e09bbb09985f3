import { existsSync, globSync } from 'node:fs';
import path from 'node:path';

/** Where a program is, among the folders of `PATH`; `undefined` if it is in none. */
export function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file));
}

const hint = 'Run `node scripts/install-engines.ts` as root on a Debian, or install it.';

/** The server of Redis, or of Valkey. A string says why there is none. */
export function findRedis(): { readonly program: string } | string {
  const program = onPath('redis-server') ?? onPath('valkey-server');
  return program === undefined ? `there is no redis-server here. ${hint}` : { program };
}

/** The folder of the programs of PostgreSQL, which Debian does not put on `PATH`. A string says why there is none. */
export function findPostgres(): { readonly folder: string } | string {
  const program = onPath('initdb') ?? globSync('/usr/lib/postgresql/*/bin/initdb').sort().at(-1);
  return program === undefined ? `there is no PostgreSQL here. ${hint}` : { folder: path.dirname(program) };
}

/** The program of the web server nginx, which Debian installs outside of a user's `PATH`. A string says why there is none. */
export function findNginx(): { readonly program: string } | string {
  const program = onPath('nginx') ?? globSync('/usr/sbin/nginx').at(0);
  return program === undefined ? `there is no nginx here. ${hint}` : { program };
}
