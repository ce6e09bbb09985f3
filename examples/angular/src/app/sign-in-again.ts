import { Injectable, signal } from '@angular/core';
import { SessionExpiredError } from 'sluice/session';
import { Observable } from 'rxjs';
import type { AppTokens } from './session';

/** The user whose session has ended, and the functions for the answer. */
export interface Question {
  readonly user: string;
  answer(tokens: AppTokens): void;
  giveUp(): void;
}

/** Asks the user to sign in again while the application waits. The dialog shows the question. */
@Injectable({ providedIn: 'root' })
export class SignInAgain {
  readonly #question = signal<Question | null>(null);
  readonly question = this.#question.asReadonly();

  /** Emits tokens when the user has signed in; fails with an error that ends the session if they decline. */
  ask(user: string, cause: unknown): Observable<AppTokens> {
    return new Observable((subscriber) => {
      this.#question.set({
        user,
        answer: (tokens) => {
          subscriber.next(tokens);
          subscriber.complete();
        },
        giveUp: () => {
          subscriber.error(new SessionExpiredError('You have been signed out.', cause));
        },
      });
      // Signing out elsewhere removes the question.
      return () => {
        this.#question.set(null);
      };
    });
  }
}
