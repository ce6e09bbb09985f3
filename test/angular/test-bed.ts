import { ApplicationInitStatus, RendererFactory2 } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { onTestFinished } from 'vitest';
import type { Providers } from './fixture.ts';

/**
 * Starts an application in Angular's test bed, whose injector is the root, as that of a real one is. Resolves when the initializers
 * have run and their requests have ended.
 */
export async function startApp(providers: Providers): Promise<typeof TestBed> {
  TestBed.resetTestingModule();
  onTestFinished(() => {
    TestBed.resetTestingModule();
  });
  // Nothing is drawn, so no renderer is needed.
  TestBed.configureTestingModule({ providers: [{ provide: RendererFactory2, useValue: {} }, ...providers] });
  await TestBed.inject(ApplicationInitStatus).donePromise;
  return TestBed;
}
