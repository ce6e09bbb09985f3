import { provideHttpClient, withInterceptors } from '@angular/common/http';
import {
  type ApplicationConfig,
  provideBrowserGlobalErrorListeners,
  provideZonelessChangeDetection,
} from '@angular/core';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { provideClient, provideSession, SESSION, sessionInterceptor } from 'sluice/angular';
import { routes } from './app.routes';
import { APP_SESSION, sessionOptions } from './session';

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideZonelessChangeDetection(),
    provideRouter(routes, withComponentInputBinding()),
    provideHttpClient(withInterceptors([sessionInterceptor])),
    provideSession(sessionOptions, { provide: APP_SESSION }),
    { provide: SESSION, useExisting: APP_SESSION },
    provideClient({ baseURL: '/api' }),
  ],
};
