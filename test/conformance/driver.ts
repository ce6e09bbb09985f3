import type { Observable } from 'rxjs';
import type { Cell, StoredSession } from '../../src/session/index.ts';
import type { AuthServer } from '../support/auth-server.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined;
}

/** One app with one signed-in person, made with the library under test. */
export interface Driver {
  /** Rejects for every status that the request does not accept, as axios does. */
  request(spec: RequestSpec): Promise<Answer>;
  signIn(tokens: Tokens): void;
  signOut(): void;
  /** The current tokens; `null` if nobody is signed in. */
  tokens(): Tokens | null;
  /** Asks for a refresh without a request. Capability `refresh`. */
  refresh?(): Promise<unknown>;
  /** A second client of the same session. Capability `several-clients`. */
  sibling?(): Pick<Driver, 'request'>;
  /** One request that can be sent several times. Capability `cold`. */
  cold?(spec: RequestSpec): { send(signal?: AbortSignal): Promise<Answer> };
  /** What an error of the library means. An error for which this returns `undefined` is judged by its status and code. */
  explain?(error: unknown): Why | undefined;
  /** Ends what the library has set up. Capability `dispose`. */
  dispose?(): void;
}

export interface RequestSpec {
  /** A path of the server, or a whole URL. */
  readonly url: string;
  readonly method?: string;
  readonly json?: unknown;
  /** A body that can be read once. Capability `stream`. */
  readonly chunks?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborting it cancels the request: by unsubscribing if the library has Observables, else by aborting. Capability `cancel`. */
  readonly signal?: AbortSignal;
  /** Capability `timeout`. */
  readonly timeoutMs?: number;
  /** Which statuses are success; 2xx unless given. */
  readonly accepts?: (status: number) => boolean;
  /** Whether to return the body as text, even if its content type is JSON. */
  readonly asText?: boolean;
  /** No token, no waiting, no refresh. Capability `opt-out`. */
  readonly session?: false;
  /** With the token, but never sent again. Capability `no-resend`. */
  readonly resend?: false;
  /** Bytes of the body so far. Capability `progress`. */
  readonly onUpload?: (loaded: number) => void;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Why a request failed, as far as its caller can tell. `unauthorized`: the API's own 401. */
export type Why =
  | 'expired'
  | 'unavailable'
  | 'timeout'
  | 'misconfigured'
  | 'invalid-response'
  | 'same-token'
  | 'changed'
  | 'body'
  | 'unauthorized'
  | 'refused'
  | 'unknown';

/** Asks the server for new tokens, in the library's usual way and with no more care than apps take. */
export type Ask = (
  refreshToken: string | undefined,
  options?: { readonly signal?: AbortSignal; readonly url?: string },
) => Promise<Tokens>;

/** How the app differs from the plainest one; what a library has no option for is left to its default. */
export interface AppSetup {
  /** Replaces the request to the server. */
  readonly refresh?: (current: Tokens | null, ask: Ask) => Tokens | Promise<Tokens>;
  /** The refresh goes through the very client that it is for, after an `await`. Capability `same-client`. */
  readonly refreshThroughClient?: boolean;
  /** Where tokens are kept. Capability `storage`; with `changes$`, `lock` and `cell`, `shared-store`. */
  readonly storage?: Storage;
  /** The time after which a refresh that hangs is given up. */
  readonly refreshTimeoutMs?: number;
  /** `false`: no further tries within one refresh. */
  readonly retries?: false;
  /** For how long a refresh that has just ended keeps another one from starting. */
  readonly cooldownMs?: number;
  /** Capability `predicate`. */
  readonly isUnauthorized?: (answer: Answer) => boolean;
  /** Gives tokens up by `POST /api/revoke`. Capability `revoke`. */
  readonly revoke?: true;
  /** The name of the header that carries the token, without `Bearer`. Capability `token-header`. */
  readonly tokenHeader?: string;
  readonly on?: Listeners;
  readonly hooks?: Hooks;
}

/** Capability `events`. */
export interface Listeners {
  readonly refreshed?: () => void;
  readonly signedOut?: () => void;
  readonly challenged?: (error: string) => void;
}

/** The app's own interceptors. Capability `interceptors`. */
export interface Hooks {
  /** Registered before or after the library is set up. */
  readonly order: 'before' | 'after';
  readonly request: () => void;
  readonly transform: (body: unknown) => string;
  readonly response: (body: unknown) => unknown;
}

export interface Storage {
  get(): Tokens | null | PromiseLike<Tokens | null>;
  set(tokens: Tokens | null): void | PromiseLike<void>;
  /** Writes made by other holders. */
  readonly changes$?: Observable<Tokens | null>;
  /** Mutual exclusion among all holders. */
  lock?<R>(work: () => Promise<R>): Promise<R>;
  /** The same record as a whole, for a library that replaces it only if it has not changed. A driver uses this or the rest. */
  readonly cell?: Cell<StoredSession>;
  /** How long a holder of that record may stand still before others take its place, in milliseconds. */
  readonly leaseMs?: number;
}

/** What one holder has of a store that it shares. */
export type SharedStorage = Required<Storage>;

/** A store with several holders: tabs, processes, machines. */
export interface SharedStore {
  /** One more holder. */
  open(): SharedStorage;
}

/** Makes a store to share. The stores of `sluice/browser`, `sluice/node` and `sluice/redis` plug in here. */
export type SharedStores = (tokens: Tokens | null) => SharedStore;

export type Capability =
  | 'attaches-token'
  | 'cancel'
  | 'cold'
  | 'dispose'
  | 'events'
  | 'expiry'
  | 'interceptors'
  | 'later-interceptors'
  | 'no-resend'
  | 'opt-out'
  | 'origins'
  | 'predicate'
  | 'progress'
  | 'refresh'
  | 'revoke'
  | 'same-client'
  | 'several-clients'
  | 'shared-store'
  | 'storage'
  | 'stream'
  | 'timeout'
  | 'token-header';

/** A library, or one way to use it. */
export interface Library {
  readonly name: string;
  readonly version: string;
  /** The capabilities that it lacks, each with the reason; scenarios that need one of these do not apply. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>;
  /** A new app, signed in with `tokens`. */
  drive(server: AuthServer, tokens: Tokens | null, setup: AppSetup): Driver;
}
