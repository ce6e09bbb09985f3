// Renders a page for several people at a time, as a server does, and prints what each got. Run in a process of its own, where
// Angular's server platform is installed: node render.mjs <API>
import '@angular/compiler';
import { HttpClient, provideHttpClient, withFetch, withInterceptors } from '@angular/common/http';
import {
  Component,
  enableProdMode,
  inject,
  InjectionToken,
  provideZonelessChangeDetection,
  signal,
} from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideServerRendering, renderApplication } from '@angular/platform-server';
import axios from 'axios';
import {
  createSessionInterceptor,
  injectClient,
  injectSessionState,
  provideClient,
  provideSession,
} from 'sluice/angular';
import { memoryStore } from 'sluice/session';

// In development mode Angular writes to the output, which the test reads as JSON.
enableProdMode();

const [, , api, ...users] = process.argv;
const HOUR_MS = 3_600_000;
/** The tokens of the request that is being rendered. A real server reads them from the request's cookie. */
const TOKENS = new InjectionToken('tokens');

const Page = Component({
  selector: 'app-root',
  template: `<h1>{{ user() }}</h1><p>{{ viaHttp() }}</p><p>{{ viaClient() }}</p>`,
})(
  class {
    #state = injectSessionState();
    user = () => this.#state().tokens?.user;
    viaHttp = signal('nothing');
    viaClient = signal('nothing');

    constructor() {
      const show = (into) => ({ next: ({ message }) => into.set(message), error: (error) => into.set(error.name) });
      inject(HttpClient).get(`${api}/api/test-get?n=1`).subscribe(show(this.viaHttp));
      injectClient().get('/api/test-get?n=3').subscribe(show(this.viaClient));
    }
  },
);

/** The providers of all requests, as in a real server; what differs between requests is provided with each. */
const providers = [
  provideServerRendering(),
  provideZonelessChangeDetection(),
  provideHttpClient(withFetch(), withInterceptors([createSessionInterceptor({ trustedOrigins: [api] })])),
  provideSession(() => {
    const tokens = inject(TOKENS);
    return {
      store: memoryStore(tokens),
      refresh: async ({ refreshToken }) => signedIn(tokens.user, '/api/refresh-token', { refreshToken }),
    };
  }),
  provideClient({ baseURL: api }),
];

async function signedIn(user, path, body) {
  const { data } = await axios.post(api + path, body);
  return { user, accessToken: data.jwtToken, refreshToken: data.refreshToken, expiresAt: Date.now() + HOUR_MS };
}

async function render(name) {
  const user = name.replace('dead-', '');
  const tokens = await signedIn(user, '/api/login', { user });
  if (name !== user) tokens.accessToken = 'dead';
  const options = { providers: [...providers, { provide: TOKENS, useValue: tokens }] };
  const html = await renderApplication((context) => bootstrapApplication(Page, options, context), {
    document: '<html><head></head><body><app-root></app-root></body></html>',
    url: 'http://app.example.com/',
    allowedHosts: ['app.example.com'],
  });
  return { user, html, tokens };
}

process.stdout.write(JSON.stringify(await Promise.all(users.map(render))));
