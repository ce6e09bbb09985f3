import type { Library } from '../driver.ts';
import { sluiceAngular } from './sluice-angular.ts';
import { sluiceAttach } from './sluice-attach.ts';
import { sluiceClient } from './sluice-client.ts';
import { sluiceFetch } from './sluice-fetch.ts';
import { sluiceSessionFetch } from './sluice-session-fetch.ts';

/** The ways to use Sluice. */
export const sluice: readonly Library[] = [sluiceClient, sluiceAttach, sluiceSessionFetch, sluiceFetch, sluiceAngular];
