import { expect, onTestFinished } from 'vitest';
import { type AuthServer, startAuthServer } from '../../support/auth-server.ts';
import type { Engine, EngineName, EngineSite } from './engines.ts';
import { type SessionProcess, startSessionProcess } from './session-processes.ts';

/** How many rounds each test has. `SHARING_ROUNDS=100` for a long run. */
export const ROUNDS: number = Number(process.env['SHARING_ROUNDS'] ?? 10);

/** Eight processes, one session, and an authorization server that ends a session whose refresh token is used again. */
export interface EightProcesses {
  readonly server: AuthServer;
  readonly site: EngineSite;
  /** The processes that are alive. `respawn` replaces one that was killed. */
  readonly processes: SessionProcess[];
  /** Signs in by one of the processes; resolves when all have heard of it. */
  signIn(): Promise<void>;
  /** The dead are replaced. */
  respawn(process: SessionProcess): Promise<void>;
  /** All access tokens expire, and all processes send a request at once. */
  expireAndRequest(): Promise<unknown>[];
}

export interface EightOptions {
  readonly leaseMs?: number;
  readonly storeTimeoutMs?: number;
  /** How long the server takes a refresh token after its rotation. */
  readonly graceMs?: number;
  readonly sendAfterMs?: number;
}

/** Starts them for one test, signed in. */
export async function eightProcesses(
  name: EngineName,
  engine: Engine,
  { leaseMs = 15_000, storeTimeoutMs = 30_000, graceMs = 0, sendAfterMs = 0 }: EightOptions = {},
): Promise<EightProcesses> {
  const server = await startAuthServer({ waitMs: 30_000, graceMs });
  const site = engine.site();
  let started = 0;
  const start = (): Promise<SessionProcess> => {
    started += 1;
    return startSessionProcess({
      id: String(started),
      engine: name,
      site,
      api: server.url,
      leaseMs,
      storeTimeoutMs,
      sendAfterMs,
    });
  };
  const processes = await Promise.all(Array.from({ length: 8 }, start));
  onTestFinished(async () => {
    await Promise.all(processes.map((process) => process.end()));
    await server.close();
  });
  const its: EightProcesses = {
    server,
    site,
    processes,
    async signIn() {
      const { accessToken, refreshToken } = server.login();
      await processes[0]?.tell({ kind: 'sign-in', tokens: { accessToken, refreshToken } });
      const owner = await processes[0]?.tell({ kind: 'owner' });
      // A process that has not heard of the sign-in yet would send its request for nobody.
      await expect
        .poll(() => Promise.all(processes.map((process) => process.tell({ kind: 'owner' }))), { timeout: 20_000 })
        .toEqual(processes.map(() => owner));
    },
    async respawn(process) {
      processes.splice(processes.indexOf(process), 1, await start());
    },
    expireAndRequest() {
      server.expireAccess();
      return processes.map((process) => process.tell({ kind: 'request' }));
    },
  };
  await its.signIn();
  return its;
}
