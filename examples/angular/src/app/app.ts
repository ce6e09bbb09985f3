import { Component, computed, effect, inject } from '@angular/core';
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { injectSessionState } from 'sluice/angular';
import { ExpiredDialog } from './expired-dialog';
import { ServerPanel } from './server-panel';
import { SessionBadge } from './session-badge';

@Component({
  selector: 'app-root',
  imports: [RouterOutlet, RouterLink, RouterLinkActive, SessionBadge, ExpiredDialog, ServerPanel],
  template: `
    <header class="bar">
      <a routerLink="/" class="brand">Quayside</a>
      @if (isSignedIn()) {
        <nav>
          <a routerLink="/" routerLinkActive="here" [routerLinkActiveOptions]="{ exact: true }">Berths</a>
          <a routerLink="/ships" routerLinkActive="here">Ships</a>
          <a routerLink="/manifests" routerLinkActive="here">Manifests</a>
        </nav>
      }
      <app-session-badge />
    </header>
    <main><router-outlet /></main>
    @if (isSignedIn()) {
      <app-server-panel />
    }
    <app-expired-dialog />
  `,
})
export class App {
  readonly #state = injectSessionState();
  protected readonly isSignedIn = computed(() => this.#state().tokens !== null);

  constructor() {
    const router = inject(Router);
    let wasSignedIn = false;
    // When the session ends, here or in another tab, the sign-in page is shown.
    effect(() => {
      if (wasSignedIn && !this.isSignedIn()) void router.navigate(['/sign-in']);
      wasSignedIn = this.isSignedIn();
    });
  }
}
