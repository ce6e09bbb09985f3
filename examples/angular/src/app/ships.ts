import { DecimalPipe } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component } from '@angular/core';
import type { Ship } from './ship';
import { ShipSearch } from './ship-search';

/** All ships by `httpResource`, which only needs Sluice's interceptor. */
@Component({
  selector: 'app-ships',
  imports: [DecimalPipe, ShipSearch],
  template: `
    <section class="title">
      <h1>Ships</h1>
      <button type="button" (click)="ships.reload()">Reload</button>
    </section>
    <app-ship-search />
    @if (ships.error()) {
      <p class="problem" role="alert">The list cannot be loaded at the moment.</p>
    } @else if (ships.hasValue()) {
      <table class="card">
        <thead>
          <tr>
            <th>Ship</th>
            <th>Flag</th>
            <th>Tonnes</th>
          </tr>
        </thead>
        <tbody>
          @for (ship of ships.value(); track ship.name) {
            <tr>
              <td>{{ ship.name }}</td>
              <td>{{ ship.flag }}</td>
              <td class="number">{{ ship.tonnes | number }}</td>
            </tr>
          }
        </tbody>
      </table>
    } @else {
      <p class="quiet">Loading…</p>
    }
  `,
})
export class Ships {
  protected readonly ships = httpResource<readonly Ship[]>(() => '/api/port/ships');
}
