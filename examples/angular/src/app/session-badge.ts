import { Component, computed, inject } from '@angular/core';
import { injectSessionState } from 'sluice/angular';
import { APP_SESSION } from './session';

/** Shows who is signed in, and the session's status. */
@Component({
  selector: 'app-session-badge',
  template: `
    @if (state().tokens; as tokens) {
      <span class="badge" [class.busy]="state().status === 'refreshing'" role="status">
        <b>{{ tokens.user }}</b> {{ word() }}
      </span>
      <button type="button" class="quiet" (click)="signOut()">Sign out</button>
    }
  `,
})
export class SessionBadge {
  readonly #session = inject(APP_SESSION);
  protected readonly state = injectSessionState(APP_SESSION);
  protected readonly word = computed(() =>
    this.state().status === 'refreshing' ? 'renewing…' : `token ${this.state().generation}`,
  );

  protected signOut(): void {
    void this.#session.signOut();
  }
}
