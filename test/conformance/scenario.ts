import { startAuthServer, type AuthServer, type AuthServerOptions } from '../support/auth-server.ts';
import { realTimer } from '../support/real-time.ts';
import { Hang } from './check.ts';
import type { AppSetup, Capability, Driver, Library, SharedStore, SharedStores, Tokens } from './driver.ts';
import { sharedMemory } from './shared-memory.ts';

/** One thing that has to be so, whatever the library. */
export interface Scenario {
  /** The number in the list of failure scenarios, and a letter where it has several sides. */
  readonly id: string;
  /** A fact in the present tense. */
  readonly title: string;
  readonly needs?: readonly Capability[];
  readonly server?: AuthServerOptions;
  run(world: World): Promise<void>;
}

/** Scenarios of one kind. */
export interface Section {
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

/** What a scenario takes place in. Gone when it ends. */
export interface World {
  /** Rotates refresh tokens, and revokes a sign-in when one is used again. */
  readonly server: AuthServer;
  /** An app, signed in as ada unless `tokens` says otherwise. */
  start(setup?: AppSetup & { readonly tokens?: Tokens | null }): Driver;
  /** Another origin. */
  elsewhere(options?: AuthServerOptions): Promise<AuthServer>;
  /** A new store that several apps can share. */
  sharedStore(tokens: Tokens | null): SharedStore;
}

export type Result =
  { readonly kind: 'pass' } | { readonly kind: 'fail' | 'hangs' | 'not applicable'; readonly why: string };

/** Why the library cannot be asked this; `undefined` if it can. */
export function notApplicable({ needs = [] }: Scenario, { lacks }: Library): string | undefined {
  for (const need of needs) if (lacks[need] !== undefined) return lacks[need];
  return undefined;
}

/** Longer than every wait inside a scenario. */
const LIMIT_MS = 12_000;

/** Carries a scenario out; throws where the library does otherwise. */
export async function perform(
  scenario: Scenario,
  library: Library,
  stores: SharedStores = sharedMemory,
): Promise<void> {
  const server = await startAuthServer({ waitMs: 3000, ...scenario.server });
  const others: AuthServer[] = [];
  const drivers: Driver[] = [];
  const world: World = {
    server,
    start({ tokens = server.login(), ...setup } = {}) {
      const driver = library.drive(server, tokens, setup);
      drivers.push(driver);
      return driver;
    },
    async elsewhere(options) {
      const other = await startAuthServer(options);
      others.push(other);
      return other;
    },
    sharedStore: stores,
  };
  let cancel = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = realTimer(LIMIT_MS, () => {
      reject(new Hang('the scenario does not end'));
    });
  });
  try {
    await Promise.race([scenario.run(world), late]);
  } finally {
    cancel();
    for (const driver of drivers) driver.dispose?.();
    await Promise.all([server, ...others].map((one) => one.close()));
  }
}

/** The same, as a result. */
export async function attempt(scenario: Scenario, library: Library): Promise<Result> {
  const lack = notApplicable(scenario, library);
  if (lack !== undefined) return { kind: 'not applicable', why: lack };
  try {
    await perform(scenario, library);
    return { kind: 'pass' };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'something was thrown that is no error';
    return { kind: error instanceof Hang ? 'hangs' : 'fail', why };
  }
}
