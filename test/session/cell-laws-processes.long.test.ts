import type { TokenSet } from 'sluice/session';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeCellLaws } from '../support/cell-laws.ts';
import { type CellProcess, type CellSource, startCellProcess } from '../support/cell-processes.ts';
import { serveCell } from '../support/http-cell-server.ts';
import { httpCell } from '../support/http-cell.ts';
import { checkProcessLaw, processLaws, type ProcessSite } from '../support/process-laws.ts';
import { listen } from '../support/listener.ts';
import { pause, realNow } from '../support/real-time.ts';

const TIMEOUT_MS = 60_000;
const LEASE_MS = 900;

const sourceOf = (module: string, name: string, argument: string): CellSource => ({
  module: new URL(`../support/${module}`, import.meta.url),
  name,
  argument,
});

async function siteOf(module: string, name: string): Promise<ProcessSite> {
  const server = await serveCell();
  return { source: sourceOf(module, name, server.url), close: () => server.close() };
}

describeCellLaws(
  'a cell behind an HTTP server',
  async () => {
    const server = await serveCell();
    return {
      open: () => httpCell(server.url),
      leaseMs: LEASE_MS,
      pass: (ms) => pause(ms),
      outage: { begin: () => server.offline(true), end: () => server.offline(false) },
      close: () => server.close(),
    };
  },
  ['news', 'lease', 'outage'],
  TIMEOUT_MS,
);

describe('a cell behind an HTTP server, used by four processes', () => {
  it.each(processLaws)('$title', { timeout: TIMEOUT_MS }, (law) =>
    checkProcessLaw(law, () => siteOf('http-cell.ts', 'httpCell'), LEASE_MS),
  );
});

describe('a cell that is coherent within each process only', () => {
  it('breaks a law for processes', { timeout: TIMEOUT_MS }, async () => {
    const broken: string[] = [];
    for (const law of processLaws) {
      await checkProcessLaw(law, () => siteOf('caching-cell.ts', 'cachingCell'), LEASE_MS).catch(() => {
        broken.push(law.title);
      });
    }
    // Which of the laws it breaks depends on what the processes happen to have cached.
    expect(broken).not.toEqual([]);
  });
});

describe('a process that holds the right to refresh', () => {
  const tokensOf = (n: number): TokenSet => ({ accessToken: `access-${String(n)}`, refreshToken: String(n) });

  /**
   * Two processes with one sign-in. The first one waits for the response of the token endpoint, which comes when it
   * is released.
   */
  async function inRefresh(): Promise<{
    readonly one: CellProcess;
    readonly two: CellProcess;
    readonly url: string;
    readonly first: Promise<unknown>;
    letGo(): void;
    stored(): Promise<unknown>;
  }> {
    const engine = await serveCell();
    let answers = 1;
    let letGo = (): void => undefined;
    let arrive = (): void => undefined;
    const isGone = new Promise<void>((resolve) => (letGo = resolve));
    const hasArrived = new Promise<void>((resolve) => (arrive = resolve));
    const endpoint = await listen(
      (_request, response) => {
        answers += 1;
        arrive();
        const body = JSON.stringify(tokensOf(answers));
        if (answers > 2) response.end(body);
        else void isGone.then(() => response.end(body));
      },
      { breakingAll: () => undefined },
    );
    const source = sourceOf('http-cell.ts', 'httpCell', engine.url);
    const [one, two] = await Promise.all([startCellProcess(source, LEASE_MS), startCellProcess(source, LEASE_MS)]);
    await one.tell({ kind: 'sign-in', owner: 'A', tokens: tokensOf(1) });
    await two.tell({ kind: 'restore' });
    onTestFinished(async () => {
      await Promise.all([one.close(), two.close()]);
      await Promise.all([engine.close(), endpoint.close()]);
    });
    const first = one.tell({ kind: 'refresh', url: endpoint.url }).catch(String);
    await hasArrived;
    return {
      one,
      two,
      url: endpoint.url,
      first,
      letGo,
      stored: () => two.tell({ kind: 'read' }),
    };
  }

  it('is succeeded after its lease, and not earlier, when it is killed', { timeout: TIMEOUT_MS }, async () => {
    const { one, two, url, stored } = await inRefresh();
    one.kill('SIGKILL');
    const asked = realNow();
    expect(await two.tell({ kind: 'refresh', url })).toBe('committed');
    expect(realNow() - asked).toBeGreaterThan(LEASE_MS * 0.9);
    expect(await stored()).toMatchObject({ owner: 'A', tokens: JSON.stringify(tokensOf(3)) });
  });

  it('writes nothing over its successor when it is stopped and later continues', { timeout: TIMEOUT_MS }, async () => {
    const { one, two, url, first, letGo, stored } = await inRefresh();
    one.kill('SIGSTOP');
    expect(await two.tell({ kind: 'refresh', url })).toBe('committed');
    letGo();
    one.kill('SIGCONT');
    expect(await first).toBe('overtaken');
    expect(await stored()).toMatchObject({ owner: 'A', tokens: JSON.stringify(tokensOf(3)) });
  });

  it('cannot bring back a session that another process has signed out', { timeout: TIMEOUT_MS }, async () => {
    const { two, first, letGo, stored } = await inRefresh();
    await two.tell({ kind: 'sign-out', owner: 'A' });
    letGo();
    expect(await first).toBe('overtaken');
    expect(await stored()).toMatchObject({ owner: null, reason: 'sign-out' });
  });
});
