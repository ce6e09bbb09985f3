// A process of its own with one holder of a shared store, or with several. It is sent commands, and answers. See
// `cell-processes.ts`.
import { firstValueFrom, lastValueFrom, type Observable, of, startWith, switchMap } from 'rxjs';
import { sharedStore, type Cell, type StoredSession, type TokenSet } from 'sluice/session';
import { openPort, type RefreshTurn } from '../../src/session/store-port.ts';
import type { Order, Report } from './cell-processes.ts';
import { increment } from '../../src/testing/coherence-laws.ts';

const [moduleUrl = '', exportName = '', argument, leaseMs] = process.argv.slice(2);
const { [exportName]: open } = (await import(moduleUrl)) as Record<string, (argument: unknown) => Cell<StoredSession>>;
if (!open) throw new Error(`${moduleUrl} has no ${exportName}.`);
const cell = open(argument);
const port = sharedStore(cell, { leaseMs: Number(leaseMs) })[openPort]({
  storeTimeoutMs: 10_000,
  refreshTimeoutMs: 10_000,
  minRefreshIntervalMs: 0,
  emit: () => undefined,
});
let tokens: TokenSet | null = null;

const says = (report: Report): unknown => process.send?.(report);

/** Presents the refresh token at `url` if this holder gets the turn, and returns the outcome. */
async function refresh(url: string): Promise<string> {
  const use = (turn: RefreshTurn<TokenSet>): Observable<string> => {
    if (turn.kind === 'failed') return of('failed');
    if (turn.kind === 'newer') {
      if (turn.stored !== 'known') ({ tokens } = turn.stored);
      return of('adopted');
    }
    return of(turn.lease).pipe(
      switchMap(async (lease) => {
        const answer = await fetch(url, { method: 'POST', body: tokens?.refreshToken ?? '' });
        if (!answer.ok) return 'refused';
        const next = (await answer.json()) as TokenSet;
        const outcome = await lastValueFrom(lease.commit('A', next));
        if (outcome.kind === 'committed') tokens = next;
        else if (outcome.stored !== 'known') ({ tokens } = outcome.stored);
        return outcome.kind;
      }),
    );
  };
  // The turn is given back when its first outcome is there, not earlier.
  return firstValueFrom(port.turn({ ignoreFailure: true }).pipe(switchMap(use)));
}

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'increment':
      for (let n = 0; n < order.times; n += 1) await increment(cell);
      return null;
    case 'read':
      return cell.read();
    case 'swap':
      return cell.swap(order.expected, order.next);
    case 'sign-in':
      ({ tokens } = order);
      await lastValueFrom(port.signIn(order.owner, order.tokens).pipe(startWith(null)));
      return null;
    case 'restore':
      ({ tokens } = await firstValueFrom(port.read()));
      return tokens;
    case 'refresh':
      return refresh(order.url);
    case 'sign-out':
      await lastValueFrom(port.signOut(order.owner).pipe(startWith(null)));
      return null;
  }
}

process.on('message', ({ id, order }: { readonly id: number; readonly order: Order }) => {
  obey(order).then(
    (result) => says({ id, result }),
    (error: unknown) => says({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
says({ event: 'ready' });
