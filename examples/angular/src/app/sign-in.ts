import { Component, inject, input, signal } from '@angular/core';
import { Router } from '@angular/router';
import { switchMap } from 'rxjs';
import { AuthApi } from './auth-api';
import { APP_SESSION } from './session';

@Component({
  selector: 'app-sign-in',
  template: `
    <form class="card door" (submit)="signIn($event, user.value, password.value)">
      <h1>Harbour office</h1>
      <p>Sign in with any name and any password except <code>wrong</code>.</p>
      <label>Name <input #user type="text" name="user" value="ada" required autocomplete="username" /></label>
      <label>
        Password
        <input #password type="password" name="password" required autocomplete="current-password" />
      </label>
      <p class="problem" role="alert">{{ problem() }}</p>
      <button type="submit">Sign in</button>
    </form>
  `,
})
export class SignIn {
  readonly #auth = inject(AuthApi);
  readonly #session = inject(APP_SESSION);
  readonly #router = inject(Router);
  /** The page that the guard redirected from. */
  readonly returnTo = input('/');
  protected readonly problem = signal('');

  protected signIn(event: Event, user: string, password: string): void {
    event.preventDefault();
    this.#auth
      .signIn(user, password)
      .pipe(switchMap((tokens) => this.#session.signIn(tokens)))
      .subscribe({
        next: () => void this.#router.navigateByUrl(this.returnTo()),
        error: () => {
          this.problem.set('That name and that password do not go together.');
        },
      });
  }
}
