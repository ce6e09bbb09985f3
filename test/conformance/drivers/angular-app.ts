import {
  createEnvironmentInjector,
  EnvironmentInjector,
  type EnvironmentProviders,
  type Provider,
  RendererFactory2,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';

/** As much of a page as HttpClient asks for. */
const page = {
  location: { href: 'https://app.example.com/' },
  querySelectorAll: () => [],
  getElementById: () => null,
  head: {},
};

let started = false;

/** Once a process, before anything of Angular's is injected: a page, as Angular's own test runner would have one. */
export function startAngular(): void {
  if (started) return;
  Object.assign(globalThis, { document: page });
  TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());
  // Nothing is drawn.
  TestBed.configureTestingModule({ providers: [{ provide: RendererFactory2, useValue: {} }] });
  started = true;
}

/** The injector of one more Angular application in Node, where `document` is the page it is on. */
export function angularApp(providers: (Provider | EnvironmentProviders)[]): EnvironmentInjector {
  startAngular();
  return createEnvironmentInjector(providers, TestBed.inject(EnvironmentInjector));
}
