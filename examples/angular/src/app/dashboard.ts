import { HttpClient } from '@angular/common/http';
import { Component, DestroyRef, inject, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { injectClient } from 'sluice/angular';
import { catchError, map, merge, type Observable, of, startWith, Subject, switchMap } from 'rxjs';
import type { Berth, Tile } from './berth';

const numbers = Array.from({ length: 12 }, (_, n) => n + 1);

/** Makes a dozen requests at a time, alternately by HttpClient and by the axios client, with one session. */
@Component({
  selector: 'app-dashboard',
  template: `
    <section class="title">
      <h1>Berths</h1>
      <button type="button" (click)="reload$.next()">Reload all</button>
    </section>
    <ol class="berths">
      @for (tile of tiles(); track $index) {
        <li class="card" [class]="tile.kind">
          <span class="number">{{ $index + 1 }}</span>
          @switch (tile.kind) {
            @case ('done') {
              <b>{{ tile.berth.ship ?? 'free' }}</b>
              <meter min="0" max="100" [value]="tile.berth.load" [attr.aria-label]="'Load in per cent'"></meter>
            }
            @case ('failed') {
              <b>{{ tile.why }}</b>
            }
            @default {
              <b class="quiet">…</b>
            }
          }
        </li>
      }
    </ol>
  `,
})
export class Dashboard {
  readonly #http = inject(HttpClient);
  readonly #client = injectClient();
  protected readonly reload$ = new Subject<void>();
  protected readonly tiles = signal<readonly Tile[]>(numbers.map(() => ({ kind: 'waiting' })));

  constructor() {
    this.reload$
      .pipe(
        startWith(undefined),
        // Reloading cancels requests in flight.
        switchMap(() => merge(...numbers.map((berth) => this.#tile$(berth)))),
        takeUntilDestroyed(inject(DestroyRef)),
      )
      .subscribe(([berth, tile]) => {
        this.tiles.update((tiles) => tiles.with(berth - 1, tile));
      });
  }

  #tile$(berth: number): Observable<readonly [number, Tile]> {
    const berth$ =
      berth % 2 === 0
        ? this.#client.get<Berth>(`/port/berths/${berth}`)
        : this.#http.get<Berth>(`/api/port/berths/${berth}`);
    return berth$.pipe(
      map((found): Tile => ({ kind: 'done', berth: found })),
      catchError((error: unknown) => of<Tile>({ kind: 'failed', why: error instanceof Error ? error.name : 'failed' })),
      startWith<Tile>({ kind: 'waiting' }),
      map((tile) => [berth, tile] as const),
    );
  }
}
