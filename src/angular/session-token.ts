import { InjectionToken } from '@angular/core';
import type { Session } from '../session/index.ts';

/** The application's session. A second API with a second session has a token of its own: see `provideSession`. */
export const SESSION: InjectionToken<Session> = /* @__PURE__ */ new InjectionToken<Session>(
  'sluice SESSION, which provideSession() provides',
);
