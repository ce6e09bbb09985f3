import { startAuthServer, type AuthServer, type AuthServerOptions } from '../support/auth-server.ts';
import { realTimer } from '../support/real-time.ts';
import { Hang } from './check.ts';
import type { AppSetup, Capability, Driver, Library, SharedStore, SharedStores, Tokens } from './driver.ts';
import { sharedMemory } from './shared-memory.ts';

/** One requirement, which is the same for every library. */
export interface Scenario {
  /** The number in the list of failure scenarios, followed by a letter if one number has several scenarios. */
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

/** What a scenario runs in. It is closed when the scenario ends. */
export interface World {
  /** Rotates refresh tokens, and revokes a sign-in when one is used again. */
  readonly server: AuthServer;
  /** An app, signed in as ada unless `tokens` says otherwise. */
  start(setup?: AppSetup & { readonly tokens?: Tokens | null }): Driver;
  /** Starts a server at another origin. */
  elsewhere(options?: AuthServerOptions): Promise<AuthServer>;
  /** A new store that several apps can share. */
  sharedStore(tokens: Tokens | null): SharedStore;
}

export type Result =
  { readonly kind: 'pass' } | { readonly kind: 'fail' | 'hangs' | 'not applicable'; readonly why: string };

/** Why the scenario does not apply to the library; `undefined` if it does. */
export function notApplicable({ needs = [] }: Scenario, { lacks }: Library): string | undefined {
  for (const need of needs) if (lacks[need] !== undefined) return lacks[need];
  return undefined;
}

/** Longer than every wait inside a scenario. */
const LIMIT_MS = 20_000;

/** Runs a scenario; rejects if the library does not do what the scenario requires. */
export async function perform(
  scenario: Scenario,
  library: Library,
  stores: SharedStores = sharedMemory,
): Promise<void> {
  const server = await startAuthServer({ waitMs: 6000, ...scenario.server });
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

/** Runs a scenario and resolves with its result, also if the library fails it. */
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
