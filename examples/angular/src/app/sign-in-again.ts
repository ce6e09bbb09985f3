import { Injectable, signal } from '@angular/core';
import { SessionExpiredError } from 'sluice/session';
import { Observable } from 'rxjs';
import type { AppTokens } from './session';

/** Somebody whose session has ended, and what to do with the answer. */
export interface Question {
  readonly user: string;
  answer(tokens: AppTokens): void;
  giveUp(): void;
}

/** Asks the person to sign in again while the application waits. The dialog shows the question. */
@Injectable({ providedIn: 'root' })
export class SignInAgain {
  readonly #question = signal<Question | null>(null);
  readonly question = this.#question.asReadonly();

  /** Tokens once the person has signed in; an error that ends the session once they have declined. */
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
      // Signing out elsewhere takes the question away.
      return () => {
        this.#question.set(null);
      };
    });
  }
}
