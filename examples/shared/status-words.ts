import type { SessionState } from 'sluice';

/** What a page shows for each status of a session. */
export const statusWords: Readonly<Record<SessionState['status'], string>> = {
  restoring: 'Restoring',
  'signed-out': 'Signed out',
  'signed-in': 'Signed in',
  refreshing: 'Refreshing',
  unavailable: 'Storage unavailable',
  disposed: 'Ended',
};
