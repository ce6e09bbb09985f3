import { Component, signal } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { injectClient } from 'sluice/angular';
import { catchError, of, switchMap } from 'rxjs';
import type { Ship } from './ship';

/** Searches while the user types. `switchMap` unsubscribes from the previous search, which closes its connection. */
@Component({
  selector: 'app-ship-search',
  template: `
    <label class="search">
      Find a ship
      <input type="search" placeholder="Name" (input)="term.set($any($event.target).value)" />
    </label>
    @if (term()) {
      <ul class="found" aria-label="Found">
        @for (ship of found(); track ship.name) {
          <li>{{ ship.name }}</li>
        } @empty {
          <li class="quiet">No ship found</li>
        }
      </ul>
    }
  `,
})
export class ShipSearch {
  readonly #client = injectClient();
  protected readonly term = signal('');
  protected readonly found = toSignal(
    toObservable(this.term).pipe(
      switchMap((q) =>
        q === ''
          ? of([])
          : this.#client.get<readonly Ship[]>('/port/search', { params: { q } }).pipe(catchError(() => of([]))),
      ),
    ),
    { initialValue: [] },
  );
}
