import { afterRenderEffect, Component, type ElementRef, inject, signal, viewChild } from '@angular/core';
import { AuthApi } from './auth-api';
import { SignInAgain } from './sign-in-again';

/** Asks for the password when a session has ended, in a dialog over the waiting page. */
@Component({
  selector: 'app-expired-dialog',
  template: `
    <dialog #dialog (cancel)="again.question()?.giveUp()" aria-labelledby="expired-title">
      @if (again.question(); as question) {
        <form (submit)="signIn($event, question.user, password.value)">
          <h2 id="expired-title">Still there?</h2>
          <p>Your session has ended. Sign in again, and the waiting requests continue.</p>
          <label>Name <input type="text" [value]="question.user" readonly autocomplete="username" /></label>
          <label>
            Password
            <input #password type="password" name="password" required autofocus autocomplete="current-password" />
          </label>
          <p class="problem" role="alert">{{ problem() }}</p>
          <footer>
            <button type="button" class="quiet" (click)="question.giveUp()">Sign out</button>
            <button type="submit" [disabled]="busy()">Continue</button>
          </footer>
        </form>
      }
    </dialog>
  `,
})
export class ExpiredDialog {
  protected readonly again = inject(SignInAgain);
  readonly #auth = inject(AuthApi);
  protected readonly problem = signal('');
  protected readonly busy = signal(false);
  protected readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  constructor() {
    // Opens when the form has been rendered, so that it gets the focus.
    afterRenderEffect(() => {
      const { nativeElement } = this.dialog();
      if (this.again.question()) {
        this.problem.set('');
        nativeElement.showModal();
      } else nativeElement.close();
    });
  }

  protected signIn(event: Event, user: string, password: string): void {
    event.preventDefault();
    this.busy.set(true);
    this.#auth.signIn(user, password).subscribe({
      next: (tokens) => {
        this.busy.set(false);
        this.again.question()?.answer(tokens);
      },
      error: () => {
        this.busy.set(false);
        this.problem.set('That was not it. Try once more.');
      },
    });
  }
}
