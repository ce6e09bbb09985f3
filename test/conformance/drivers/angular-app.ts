import {
  createEnvironmentInjector,
  EnvironmentInjector,
  type EnvironmentProviders,
  type Provider,
  RendererFactory2,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';

/** The parts of a page that HttpClient reads. */
const page = {
  location: { href: 'https://app.example.com/' },
  querySelectorAll: () => [],
  getElementById: () => null,
  head: {},
};

let started = false;

/**
 * Sets the global `document` and the test environment, as Angular's own test runner would. It has to be called before anything of Angular's
 * is injected; further calls do nothing.
 */
export function startAngular(): void {
  if (started) return;
  Object.assign(globalThis, { document: page });
  TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());
  // Nothing is drawn, so no renderer is needed.
  TestBed.configureTestingModule({ providers: [{ provide: RendererFactory2, useValue: {} }] });
  started = true;
}

/**
 * Creates a further Angular application in Node and returns its injector. HttpClient reads the page that an application runs on from the
 * global `document`. Node has none, so `startAngular` sets it to `page`.
 */
export function angularApp(providers: (Provider | EnvironmentProviders)[]): EnvironmentInjector {
  startAngular();
  return createEnvironmentInjector(providers, TestBed.inject(EnvironmentInjector));
}
